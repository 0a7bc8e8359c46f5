/** @file Faithfulness on a real graph: what perturbing token ids gives, against asking the model directly. */

import {
  Attributor,
  type Example,
  measureFaithfulness,
  methodSpec,
  Scorer,
  storedWeights,
} from "@probegrid/probes";
import { describe, expect, it } from "vitest";
import { openGolden } from "./golden.ts";

const { model, tensors } = openGolden("bert-classification");
const ids = [2, 10, 11, 12, 30, 3];
const specials = [1, 0, 0, 0, 0, 1];
const open = () =>
  Attributor.create({
    ...{ model, methods: [methodSpec({ name: "occlusion", perturbation: "pad" })] },
    weights: storedWeights(tensors, model.prefix),
    objective: { kind: "class", classes: 3 },
    ...{ padId: 0, maskId: 1 },
  });

const softmax = (outputs: ArrayLike<number>, of: number): number => {
  const all = Array.from(outputs, Math.exp);
  return all[of]! / all.reduce((a, b) => a + b);
};

describe("faithfulness", () => {
  it.each(["pad", "delete", "mask"] as const)(
    "starts at 1 and follows the order by %s",
    async (kind) => {
      const attributor = await open();
      const scorer = await Scorer.create(attributor.tools, kind);
      const query = { example: { ids, specials }, target: { output: 1 } };
      const scores = [9, 0.1, 0.4, 0.2, 0.3, 9]; // order 2, 4, 3, 1; special tokens never
      const setting = { scorer, tools: attributor.tools, perturbation: kind };
      const [found] = await measureFaithfulness(setting, [{ query, scores }]);
      // Asks the model about the same texts written out.
      const put = { pad: 0, mask: 1, delete: null }[kind];
      const without = (out: readonly number[]): Example => {
        const kept = ids.map((id, i) => (out.includes(i) ? put : id));
        const own = kept.filter((id) => id !== null);
        return { ids: own, specials: own.map((_, i) => (i === 0 || i === own.length - 1 ? 1 : 0)) };
      };
      const ask = async (out: readonly number[]): Promise<number> => {
        const example = { ...without(out), blank: null };
        return softmax(await scorer.outputs([{ example, target: { output: 1 } }]), 1);
      };
      const orders = [[], [2], [2, 4], [2, 4, 3], [2, 4, 3, 1]];
      for (const [k, out] of orders.entries()) {
        expect(found!.deletion[k]).toBeCloseTo(await ask(out), 5);
      }
      expect(found!.kept[0]).toBe(true);
      // Of 4 tokens, the top 1, 5, 10 and 20 % are one token, 50 % are two.
      const [full, one, two] = found!.deletion as [number, number, number];
      expect(found!.comprehensiveness).toBeCloseTo((4 * (full - one) + (full - two)) / 5, 5);
      const only = [await ask([4, 3, 1]), await ask([3, 1])] as const;
      expect(found!.sufficiency).toBeCloseTo((4 * (full - only[0]) + (full - only[1])) / 5, 5);
      await scorer.close();
      await attributor.close();
    },
  );

  it("occludes by the same perturbation", async () => {
    const attributor = await open();
    const scorer = await Scorer.create(attributor.tools, "pad");
    const target = { output: 1 };
    const [answer] = await attributor.explain([{ example: { ids, specials }, target }]);
    if (answer === undefined || "error" in answer) throw new Error("internal: not explained");
    const { scores } = answer.attributions.get("occlusion")!;
    for (const at of [1, 2, 3, 4]) {
      const other = ids.map((id, i) => (i === at ? 0 : id));
      const example = { ids: other, specials, blank: null };
      const outputs = await scorer.outputs([{ example, target }]);
      expect(scores[at]).toBeCloseTo(answer.value - outputs[1]!, 5);
    }
    expect([scores[0], scores[5]]).toEqual([0, 0]);
    await scorer.close();
    await attributor.close();
  });
});
