/** @file Attention is traced from the tokens that the classification head reads: one of them, or all. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  Attributor,
  type Head,
  methodSpec,
  type Objective,
  readModel,
  storedWeights,
} from "@probegrid/probes";
import { expect, it } from "vitest";
import { constant } from "../packages/probes/src/graph/index.ts";
import { fixtures, goldenTexts, openGolden } from "./golden.ts";

const { tensors, golden } = openGolden("modernbert");
const config = JSON.parse(readFileSync(join(fixtures, "modernbert/config.json"), "utf8"));
const [text] = goldenTexts(golden);
const example = { ...text!, specials: text!.ids.map(() => 0) };

/** Rollout and tracing of one text; weights that the fixture lacks (the head's) are ones. */
async function trace(objective: Objective, pooling: "cls" | "mean", position?: number) {
  const model = readModel({ ...config, classifier_pooling: pooling });
  const stored = storedWeights(tensors, model.prefix);
  const attributor = await Attributor.create({
    ...{ model, objective, padId: 0, maskId: 1 },
    methods: [{ name: "lat" }, { name: "rollout" }].map(methodSpec),
    weights: (name, shape) =>
      /^(head|classifier|probegrid_head)\./.test(name)
        ? constant(new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(1), shape)
        : stored(name, shape),
  });
  try {
    const target = { output: 0, ...(position !== undefined && { position }) };
    const [answer] = await attributor.explain([{ example, target }]);
    if (answer === undefined || "error" in answer) throw new Error("not explained");
    return [...answer.attributions.values()].map(({ scores }) => Array.from(scores));
  } finally {
    await attributor.close();
  }
}

const own = (pooling: Head["pooling"]): Objective => {
  return { kind: "class", classes: 2, head: { pooling, hidden: 0 } };
};
const native: Objective = { kind: "class", classes: 2 };

it.each([
  ["ModernBERT's mean", native, "mean"],
  ["a mean of our own", own("mean"), "cls"],
  ["a maximum, which any token may have", own("max"), "cls"],
] as const)("from all tokens alike where the head reads %s", async (_, objective, pooling) => {
  const found = await trace(objective, pooling);
  const single = await Promise.all(
    example.ids.map((_id, at) => trace({ kind: "unit", layer: -1 }, pooling, at)),
  );
  found.forEach((scores, method) => {
    scores.forEach((score, token) => {
      const all = single.map((one) => one[method]![token]!);
      expect(score).toBeCloseTo(all.reduce((a, b) => a + b) / all.length, 5);
    });
  });
});

it.each([
  ["ModernBERT's first token", native, "cls"],
  ["a first token of our own", own("cls"), "mean"],
] as const)("from the one where the head reads %s", async (_, objective, pooling) => {
  expect(await trace(objective, pooling)).toEqual(
    await trace({ kind: "unit", layer: -1 }, pooling, 0),
  );
});
