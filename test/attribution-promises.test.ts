/** @file What methods promise on every architecture: completeness, conservation, sums, independence of batches. */

import {
  type Attribution,
  Attributor,
  type Explanation,
  methodLabel,
  methodSpec,
  modelTypes,
  storedWeights,
  sumOf,
} from "@probegrid/probes";
import { describe, expect, it } from "vitest";
import { goldenTexts, openGolden } from "./golden.ts";

/** Every architecture: by its class logits where the fixture has a head, else by a hidden unit. */
const folders = [
  "albert-classification",
  "bert-classification",
  "deberta-v2",
  "distilbert-classification",
  "electra-classification",
  "gpt2-classification",
  "gpt_neox",
  "llama",
  "mistral",
  "modernbert",
  "qwen2",
  "qwen3",
  "roberta-classification",
  "xlm-roberta-classification",
] as const;

async function explain(
  name: string,
  given: readonly ({ readonly name: string } & Readonly<Record<string, unknown>>)[],
): Promise<readonly Explanation[]> {
  const { model, tensors, golden } = openGolden(name);
  const classifies = golden.get("logits")?.shape.length === 2;
  const attributor = await Attributor.create({
    model,
    weights: storedWeights(tensors, model.prefix),
    objective: classifies ? { kind: "class", classes: 3 } : { kind: "unit", layer: -1 },
    methods: given.map(methodSpec),
    padId: 0,
    maskId: 1,
  });
  try {
    const queries = goldenTexts(golden).map(({ ids, typeIds }) => ({
      example: { ids, typeIds, specials: ids.map((_, i) => (i === 0 ? 1 : 0)) },
      target: { output: 1 },
    }));
    return (await attributor.explain(queries)).map((answer) => {
      if ("error" in answer) throw new Error(answer.error);
      return answer;
    });
  } finally {
    await attributor.close();
  }
}

it("covers every architecture", () => {
  const types = new Set(folders.map((name) => openGolden(name).model.type));
  expect(modelTypes.filter((type) => !types.has(type))).toEqual([]);
});

describe.each(folders)("%s", (name) => {
  it("completes integrated gradients", async () => {
    for (const { value, attributions } of await explain(name, [{ name: "ig" }])) {
      const { scores, residual, details, marks } = attributions.get("integrated-gradients")!;
      const change = value - Number(details.baselineOutput);
      expect(sumOf(scores) + residual!).toBeCloseTo(change, 5);
      if (marks.length === 0)
        expect(Math.abs(residual!)).toBeLessThan(0.01 * Math.abs(change) + 1e-5);
      else expect(details.steps).toBe(800);
    }
  });

  it("conserves relevance, whatever the rules", async () => {
    const rules = [
      { name: "lrp" },
      { name: "lrp-epsilon", epsilon: 1e-9 },
      { name: "lrp-alpha-beta" },
    ];
    const states = openGolden(name).model.geometry.layers + 1;
    for (const { value, attributions } of await explain(name, rules)) {
      for (const given of rules) {
        const label = methodLabel(methodSpec(given));
        const { residual, scores, layers } = attributions.get(label) as Attribution;
        expect(layers.map(({ layer }) => layer)).toEqual(layers.map((_, i) => i));
        expect(layers.length, label).toBe(states);
        expect(Array.from(layers[0]!.scores)).toEqual(Array.from(scores));
        // Rounding of sums of terms as large as the largest relevance.
        const size = Math.max(Math.abs(value), ...scores.map(Math.abs));
        expect(Math.abs(residual!) / size, label).toBeLessThan(1e-3);
      }
    }
  });

  it("traces attention to as many as there are heads", async () => {
    const { heads } = openGolden(name).model.geometry;
    for (const { attributions } of await explain(name, [{ name: "lat" }, { name: "rollout" }])) {
      const { scores, layers } = attributions.get("attention-tracing")!;
      expect(sumOf(scores)).toBeCloseTo(heads, 4);
      for (const layer of layers) expect(sumOf(layer.scores)).toBeCloseTo(heads, 4);
      expect(sumOf(attributions.get("attention-rollout")!.scores)).toBeCloseTo(1, 4);
    }
  });
});

it("gives the same integrated gradients for any internal batch", async () => {
  const all = await Promise.all(
    [null, 1, 3, 7, 64].map((internalBatch) =>
      explain("bert-classification", [{ name: "ig", internalBatch, maxSteps: 50 }]),
    ),
  );
  for (const found of all.slice(1)) {
    found.forEach(({ attributions }, i) => {
      const { scores } = attributions.get("integrated-gradients")!;
      const first = all[0]![i]!.attributions.get("integrated-gradients")!.scores;
      expect(Math.max(...scores.map((score, t) => Math.abs(score - first[t]!)))).toBeLessThan(1e-6);
    });
  }
});

it("marks signed sums of gradients that must cancel before a first layer norm", async () => {
  const marksOf = async (name: string, reduce: string): Promise<readonly number[]> => {
    const found = await explain(name, [{ name: "gradient", reduce }]);
    return found.map(({ attributions }) => attributions.get("gradient")!.marks.length);
  };
  expect(await marksOf("gpt2-classification", "sum")).toEqual([1, 1, 1]);
  expect(await marksOf("gpt2-classification", "norm")).toEqual([0, 0, 0]);
  expect(await marksOf("bert-classification", "sum")).toEqual([0, 0, 0]);
});
