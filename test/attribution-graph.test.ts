/** @file One forward pass for every method, one backward pass for all gradients; a broken number spoils its own text alone. */

import {
  Attributor,
  type AttributorSpec,
  type Explanation,
  methodSpec,
  type Refusal,
  storedWeights,
  type Weights,
} from "@probegrid/probes";
import { constant, isOp, topologicalOrder } from "@probegrid/probes/graph";
import { expect, it } from "vitest";
import { walkGraph } from "../packages/probes/src/attributions/attributor.ts";
import { pathGraphs } from "../packages/probes/src/attributions/gradient-path.ts";
import { floatsOf, openGolden } from "./golden.ts";

const { model, tensors } = openGolden("bert-classification");
const weights = storedWeights(tensors, model.prefix);
const spec = (names: readonly string[]): AttributorSpec => ({
  ...{ model, weights, objective: { kind: "class", classes: 3 } },
  methods: names.map((name) => methodSpec({ name })),
  ...{ padId: 0, maskId: 1 },
});

/** Matrix products of the graph that all walks share. */
function products(...names: readonly string[]): number {
  const { nodes } = walkGraph(spec(names));
  return topologicalOrder(Object.values(nodes)).filter((value) => isOp(value, "MatMul")).length;
}

it("walks back once for all gradients, over the one forward graph", () => {
  const forward = products();
  expect(products("gradient")).toBeGreaterThan(forward);
  expect(products("gradient", "gradient-x-input")).toBe(products("gradient"));
  const both = products("gradient", "lrp") - forward;
  expect(both).toBe(products("gradient") - forward + products("lrp") - forward);
});

it("maps the ends of a path once, and of the last layer only what is read", () => {
  const { ends, point } = pathGraphs(spec(["ig"]), "pad");
  const wide = topologicalOrder([point.value]).filter(
    (value) => isOp(value, "MatMul") && value.shape[1] === "tokens",
  );
  // Of two layers: queries, keys and values of the first are among the ends; the second has none.
  expect(wide.length).toBe(3);
  expect(Object.keys(ends).length).toBe(2 * (1 + 3));
});

async function explain(
  texts: readonly (readonly number[])[],
  names: readonly string[],
  more: Partial<AttributorSpec> = {},
): Promise<readonly (Explanation | Refusal)[]> {
  const attributor = await Attributor.create({ ...spec(names), ...more });
  try {
    return await attributor.explain(
      texts.map((ids) => {
        const specials = ids.map((_, i) => (i === 0 || i === ids.length - 1 ? 1 : 0));
        return { example: { ids, specials }, target: { output: 1 } };
      }),
    );
  } finally {
    await attributor.close();
  }
}

/** The model with NaN in the embedding of token 11. */
const broken: Weights = (name, shape) => {
  if (name !== "embeddings.word_embeddings.weight") return weights(name, shape);
  const stored = [...tensors].find(([key]) => key.endsWith(name))![1];
  const data = floatsOf(stored as Parameters<typeof floatsOf>[0]).slice();
  data[11 * shape[1]!] = Number.NaN;
  return constant(data, shape);
};

it("marks the text with a number that is none and explains the others beside it", async () => {
  const texts = [
    [2, 10, 12, 3],
    [2, 11, 12, 3],
    [2, 12, 10, 3],
  ];
  const names = ["ig", "lrp", "occlusion", "lat"];
  const [first, second, third] = await explain(texts, names, { weights: broken });
  expect(second).toEqual({ error: "the model's output is not a finite number; check its weights" });
  const [wanted, , other] = await explain(texts, names);
  expect(first).toEqual(wanted);
  expect(third).toEqual(other);
});

it("gives up a method whose scores are no numbers, and keeps the others", async () => {
  // A baseline of the broken word: the path to it is NaN, the text itself is not.
  const found = await explain([[2, 10, 12, 3]], ["ig", "lrp"], { weights: broken, padId: 11 });
  const [answer] = found as readonly [Explanation];
  expect([...answer.attributions.keys()]).toEqual(["lrp"]);
  expect([...answer.problems]).toEqual([
    ["integrated-gradients", "integrated-gradients gave a score that is not a finite number"],
  ]);
});
