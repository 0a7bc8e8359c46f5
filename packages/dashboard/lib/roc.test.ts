/** @file ROC curves against areas worked by hand. */

import { expect, test } from "vitest";
import { rocOf, thinned } from "./roc.ts";

test("gives the share of pairs in the right order, ties half", () => {
  // Positives 0.9, 0.5, 0.3; negatives 0.5, 0.1. Pairs: 0.9 beats both (2), 0.5 ties one and beats one
  // (1.5), 0.3 loses one and beats one (1): 4.5 of 6.
  const roc = rocOf([0.9, 0.5, 0.3, 0.5, 0.1], [true, true, true, false, false]);
  expect(roc?.area).toBeCloseTo(4.5 / 6, 12);
  // One step up, one across both tied scores, one up, one across.
  expect(roc?.points).toEqual([
    [0, 0],
    [0, 1 / 3],
    [0.5, 2 / 3],
    [0.5, 1],
    [1, 1],
  ]);
});

test("has no curve when one class is missing", () => {
  expect(rocOf([0.1, 0.2], [true, true])).toBeNull();
});

test("keeps both ends when thinning", () => {
  const points = Array.from({ length: 1001 }, (_, i) => [i / 1000, i / 1000] as const);
  const few = thinned(points, 10);
  expect(few[0]).toEqual([0, 0]);
  expect(few.at(-1)).toEqual([1, 1]);
  // Steps of 1/10 in x + y: at least 50/1000 along the diagonal each.
  expect(few.length).toBeLessThanOrEqual(22);
});
