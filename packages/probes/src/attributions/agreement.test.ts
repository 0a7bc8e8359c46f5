/** @file Correlations against scipy, and the top by hand. */

import { expect, it } from "vitest";
import { averagePrecision, kendall, pearson, spearman, topOverlap } from "./agreement.ts";

const a = [1, 2, 2, 4, 7, 3];
const b = [2, 1, 3, 5, 6, 6];

it("equals scipy.stats", () => {
  // pearsonr(a, b), spearmanr(a, b), kendalltau(a, b) of scipy 1.17.1
  expect(pearson(a, b)).toBeCloseTo(0.7518248175182483, 12);
  expect(spearman(a, b)).toBeCloseTo(0.7941176470588236, 12);
  expect(kendall(a, b)).toBeCloseTo(0.6428571428571429, 12);
});

it("has no correlation where one side does not vary", () => {
  expect([pearson(a, [1, 1, 1, 1, 1, 1]), kendall(a, [0, 0, 0, 0, 0, 0])]).toEqual([null, null]);
});

it("counts what the tops share", () => {
  const positions = [0, 1, 2, 3, 4, 5];
  // top 2 of a: 4, 3; of b: 4, 5
  expect(topOverlap(a, b, { positions, k: 2 })).toBe(0.5);
});

it("averages precision where marks are found", () => {
  // order 4 3 5 1 2 0; marks at 4 and 5: (1/1 + 2/3) / 2
  const marked = [false, false, false, false, true, true];
  expect(averagePrecision(a, marked)).toBeCloseTo((1 + 2 / 3) / 2, 12);
});
