/** @file Recovering the number of tested rows from accuracies. */

import { expect, it } from "vitest";
import { testRowsOf } from "./test-rows.ts";

it("finds the common denominator of accuracies", () => {
  // 815/1355 reduces to 163/271, the others do not: 1355 = 5 x 271 is their common denominator.
  expect(testRowsOf([815 / 1355, 858 / 1355, 839 / 1355])).toBe(1355);
  expect(testRowsOf([557001 / 800000, 600002 / 800000, 599003 / 800000])).toBe(800000);
});

it("reads accuracies that were kept in 32 bits", () => {
  const kept = [815, 858, 839, 831, 848].map((right) => Math.fround(right / 1355));
  expect(testRowsOf(kept)).toBe(1355);
});

it("does not guess from rounded, few or constant accuracies", () => {
  expect(testRowsOf([0.6981, 0.7012, 0.6954, 0.7101])).toBeNull();
  expect(testRowsOf([815 / 1355, 858 / 1355])).toBeNull();
  expect(testRowsOf([2 / 3, 2 / 3, 2 / 3, 2 / 3])).toBeNull();
  expect(testRowsOf([Math.SQRT1_2, Math.PI / 4, Math.E / 3])).toBeNull();
});
