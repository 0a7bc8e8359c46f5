/** @file Poolings against R1's truth table and hand-worked vectors. */

import { expect, it } from "vitest";
import { evaluate, input } from "./graph/index.ts";
import {
  combineLayers,
  firstTokens,
  maxOverTokens,
  minOverTokens,
  roundHalfEven,
  type TokenPooling,
  tokenWeights,
} from "./pooling.ts";

it("rounds halves to even", () => {
  expect([0.5, 1.5, 2.5, 2.49, 3.51].map(roundHalfEven)).toEqual([0, 2, 2, 2, 4]);
});

it("picks R1's token for a quantile", () => {
  const position = (q: number, n: number) =>
    tokenWeights({ kind: "quantile", quantile: q }, n)!.indexOf(1);
  expect(position(0, 7)).toBe(0);
  expect(position(1, 7)).toBe(6);
  expect(position(0.5, 6)).toBe(2); // 2.5, half to even
  expect(position(0.5, 4)).toBe(2); // 1.5
  expect(position(0.25, 3)).toBe(0); // 0.5
  expect(position(0.75, 3)).toBe(2); // 1.5
});

it("has weights that sum to one for every weighted sum", () => {
  const poolings: readonly TokenPooling[] = [
    { kind: "cls" },
    { kind: "mean" },
    { kind: "quantile", quantile: 0.3 },
    { kind: "firstMean", count: 3 },
    { kind: "lastMean", count: 30 },
  ];
  for (const pooling of poolings) {
    expect(tokenWeights(pooling, 5)!.reduce((a, b) => a + b)).toBeCloseTo(1, 6);
  }
  expect([...tokenWeights({ kind: "lastMean", count: 2 }, 4)!]).toEqual([0, 0, 0.5, 0.5]);
});

it("ignores padding in max and min", async () => {
  const x = input("x", ["batch", "tokens", 2]);
  const mask = input("mask", ["batch", "tokens"]);
  const { max, min } = await evaluate(
    { max: maxOverTokens(x, mask), min: minOverTokens(x, mask) },
    {
      x: { data: Float32Array.of(-1, 5, -3, 2, 99, -99), shape: [1, 3, 2] },
      mask: { data: Float32Array.of(1, 1, 0), shape: [1, 3] },
    },
  );
  expect([...(max!.data as Float32Array)]).toEqual([-1, 5]);
  expect([...(min!.data as Float32Array)]).toEqual([-3, 2]);
});

it("combines layers element by element, or side by side", () => {
  const a = Float32Array.of(1, 2, 3, 4);
  const b = Float32Array.of(5, 0, 1, 8);
  expect([...combineLayers([a, b], "mean", 2)]).toEqual([3, 1, 2, 6]);
  expect([...combineLayers([a, b], "max", 2)]).toEqual([5, 2, 3, 8]);
  expect([...combineLayers([a, b], "min", 2)]).toEqual([1, 0, 1, 4]);
  expect([...combineLayers([a, b], "concat", 2)]).toEqual([1, 2, 5, 0, 3, 4, 1, 8]);
  expect([...a]).toEqual([1, 2, 3, 4]);
});

it.each([
  [
    "more room than tokens",
    4,
    [
      [1, 2, 3, 4, 5, 6, 0, 0],
      [7, 8, 0, 0, 0, 0, 0, 0],
    ],
  ],
  [
    "less",
    2,
    [
      [1, 2, 3, 4],
      [7, 8, 0, 0],
    ],
  ],
])("keeps the first tokens side by side: %s", async (_, count, expected) => {
  // Two texts of 3 and 1 tokens, width 2; what stands in padding does not matter.
  const x = { data: Float32Array.from([1, 2, 3, 4, 5, 6, 7, 8, 99, 99, 99, 99]), shape: [2, 3, 2] };
  const mask = { data: Float32Array.from([1, 1, 1, 1, 0, 0]), shape: [2, 3] };
  const y = firstTokens(
    input("x", ["batch", "tokens", 2]),
    input("mask", ["batch", "tokens"]),
    count,
  );
  const found = await evaluate({ y }, { x, mask });
  expect([...(found.y!.data as Float32Array)]).toEqual(expected.flat());
  expect(found.y!.shape).toEqual([2, 2 * count]);
});

it("puts layers below one another", () => {
  const layers = [Float32Array.of(1, 2, 3, 4), Float32Array.of(5, 6, 7, 8)];
  expect([...combineLayers(layers, "rows", 2)]).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
});
