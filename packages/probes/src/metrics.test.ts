/** @file Metrics against scikit-learn and scipy, and their edges. */

import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import * as m from "./metrics.ts";

const path = new URL("../../../test/fixtures/scikit-learn/golden.json", import.meta.url);
const g = JSON.parse(readFileSync(path, "utf8")).metrics;

it.each([
  ["accuracy", () => m.accuracy(g.truth, g.predicted), g.accuracy],
  ["macroF1", () => m.macroF1(g.truth, g.predicted, 3), g.macroF1],
  ["balancedAccuracy", () => m.balancedAccuracy(g.truth, g.predicted, 3), g.balancedAccuracy],
  ["matthews", () => m.matthews(g.truth, g.predicted, 3), g.matthews],
  ["f1", () => m.f1(g.binary, g.guess), g.f1],
  ["matthews of two classes", () => m.matthews(g.binary, g.guess, 2), g.binaryMatthews],
  ["auc with ties", () => m.auc(g.binary, g.scores), g.auc],
  ["mse", () => m.mse(g.a, g.b), g.mse],
  ["r2", () => m.r2(g.a, g.b), g.r2],
  ["pearson", () => m.pearson(g.a, g.b), g.pearson],
  ["spearman with ties", () => m.spearman(g.a, g.b), g.spearman],
])("%s agrees with scikit-learn and scipy", (_, found, expected) => {
  expect(found()).toBeCloseTo(expected as number, 12);
});

it("has no AUC where only one class occurs, and one half where all scores are equal", () => {
  expect(m.auc([1, 1, 1], [0.1, 0.2, 0.3])).toBeNull();
  expect(m.auc([0, 1, 0, 1], [2, 2, 2, 2])).toBe(0.5);
});

it("scores a constant prediction of two classes as scikit-learn does", () => {
  expect(m.f1([0, 1, 1], [0, 0, 0])).toBe(0);
  expect(m.f1([0, 0], [0, 0])).toBe(0);
  expect(m.matthews([0, 1, 1], [0, 0, 0], 2)).toBe(0);
  expect(m.balancedAccuracy([0, 1, 1], [0, 0, 0], 2)).toBe(0.5);
  expect(m.macroF1([0, 1, 1], [0, 0, 0], 2)).toBe(0.25); // (2·1/(1+3) + 0) / 2
  expect(m.macroF1([2, 2], [2, 2], 5)).toBe(1); // absent classes do not count
});

it("has no correlation with a constant, and R2 of a constant truth is all or nothing", () => {
  expect(m.pearson([1, 2, 3], [4, 4, 4])).toBeNull();
  expect(m.pearson([0.1, 0.1, 0.1], [1, 2, 3])).toBeNull();
  expect(m.spearman([1, 2, 3], [4, 4, 4])).toBeNull();
  expect(m.r2([2, 2], [2, 2])).toBe(1);
  expect(m.r2([2, 2], [2, 3])).toBe(0);
});

it("gives equal values the average of their ranks", () => {
  expect([...m.averageRanks([3, 1, 3, 2])]).toEqual([3.5, 1, 3.5, 2]);
});
