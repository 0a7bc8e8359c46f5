/** @file Pooled features against poolings worked out from the golden hidden states. */

import { Encoder, type Feature, StateReader, storedWeights } from "@probegrid/probes";
import { mul, type Node, reduceSum, unsqueeze } from "@probegrid/probes/graph";
import { expect, it } from "vitest";
import { floatsOf, goldenTexts, largestDifference, openGolden } from "./golden.ts";

it.each(["bert", "roberta", "gpt2"])(
  "pools the hidden states of %s without a trace of padding",
  async (name) => {
    const { model, tensors, golden } = openGolden(name);
    const { layers, width } = model.geometry;
    const features: readonly Feature[] = [
      { layer: 0, token: { kind: "mean" } },
      { layer: layers, token: { kind: "mean" } },
      { layer: 1, token: { kind: "cls" } },
      { layer: 1, token: { kind: "quantile", quantile: 1 } },
      { layer: 2, token: { kind: "max" } },
    ];
    const texts = goldenTexts(golden);
    const weights = storedWeights(tensors, model.prefix);
    const encoder = await Encoder.create({ model, weights, features, padId: 0 });
    const found = await encoder.encode(texts);
    await encoder.close();

    const hidden = floatsOf(golden.get("hidden_states")!);
    const [batch, tokens] = golden.get("input_ids")!.shape as [number, number];
    const at = ([layer, row, token, d]: readonly [number, number, number, number]) =>
      hidden[((layer * batch + row) * tokens + token) * width + d]!;
    const expected: readonly ((row: number, n: number, d: number) => number)[] = [
      (row, n, d) => average(n, (t) => at([0, row, t, d])),
      (row, n, d) => average(n, (t) => at([layers, row, t, d])),
      (row, _, d) => at([1, row, 0, d]),
      (row, n, d) => at([1, row, n - 1, d]),
      (row, n, d) => Math.max(...Array.from({ length: n }, (_, t) => at([2, row, t, d]))),
    ];
    expected.forEach((value, i) => {
      const want = texts.flatMap(({ ids }, row) =>
        Array.from({ length: width }, (_, d) => value(row, ids.length, d)),
      );
      expect(largestDifference(found[i]!, want), `feature ${i}`).toBeLessThan(1e-4);
    });
  },
);

it("reads every hidden state and attention of one text", async () => {
  const { model, tensors, golden } = openGolden("bert");
  const reader = await StateReader.create({
    model,
    weights: storedWeights(tensors, model.prefix),
    padId: 0,
    attentions: true,
  });
  const [first] = goldenTexts(golden);
  const { hiddenStates, attentions } = await reader.read(first!);
  await reader.close();
  const { layers, width, heads } = model.geometry;
  const [batch, tokens] = golden.get("input_ids")!.shape as [number, number];
  const all = floatsOf(golden.get("hidden_states")!);
  const want = Array.from({ length: layers + 1 }, (_, l) => [
    ...all.subarray(l * batch * tokens * width, (l * batch + 1) * tokens * width),
  ]).flat();
  expect(first!.ids.length).toBe(tokens);
  expect(largestDifference(hiddenStates, want)).toBeLessThan(1e-4);
  expect(attentions!.length).toBe(layers * heads * tokens * tokens);
  // Every row of an attention map sums to one.
  expect(attentions!.subarray(0, tokens).reduce((a, b) => a + b)).toBeCloseTo(1, 5);
});

it("lets people write a pooling with graph ops", async () => {
  const { model, tensors, golden } = openGolden("bert");
  const encoder = await Encoder.create({
    model,
    weights: storedWeights(tensors, model.prefix),
    features: [
      { layers: [1], pool: ({ hiddenStates, mask }) => maskedSum(hiddenStates[0]!, mask) },
      { layer: 1, token: { kind: "mean" } },
    ],
    padId: 0,
  });
  const texts = goldenTexts(golden);
  const [sums, means] = await encoder.encode(texts);
  await encoder.close();
  const { width } = model.geometry;
  const scaled = means!.map((mean, i) => mean * texts[Math.floor(i / width)]!.ids.length);
  expect(largestDifference(sums!, scaled)).toBeLessThan(1e-4);
});

const average = (n: number, value: (i: number) => number) =>
  Array.from({ length: n }, (_, i) => value(i)).reduce((a, b) => a + b) / n;

/** Σ x over real tokens. */
const maskedSum = (x: Node, mask: Node) => reduceSum(mul(x, unsqueeze(mask, 2)), [1]);
