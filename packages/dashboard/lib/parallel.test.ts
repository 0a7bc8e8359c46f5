/** @file Axes of the parallel coordinates and what a brush over them means. */

import { expect, test } from "vitest";
import { layoutAxes, valuesWithin } from "./parallel.ts";

const combinations = [
  { values: { layer: "2", model: "bert", options: "c=0.1" }, trials: 1, mean: 0.5 },
  { values: { layer: "10", model: "bert", options: "none" }, trials: 1, mean: 0.7 },
  { values: { layer: "4", model: "bert", options: "c=10 l=2" }, trials: 1, mean: 0.9 },
];

test("gives an axis to what varies, one to each hyper-parameter, and the last to the score", () => {
  expect(layoutAxes(combinations).map(({ name }) => name)).toEqual(["layer", "c", "l", "score"]);
});

test("orders layers as numbers and marks those inside a brush", () => {
  const [layer] = layoutAxes(combinations);
  // 2, 4, 10 stand at 0, 0.5 and 1.
  expect(layer && valuesWithin(layer, [0.4, 1])).toEqual(["4", "10"]);
  expect(layer && valuesWithin(layer, [0.1, 0.1])).toEqual(["2"]);
});

test("turns a brush on a hyper-parameter into the options that have it", () => {
  const c = layoutAxes(combinations)[1];
  // 0.1, 10 and "default" stand at 0, 0.5 and 1.
  expect(c && valuesWithin(c, [0, 0.6])).toEqual(["c=0.1", "c=10 l=2"]);
});

test("puts one score alone in the middle of its axis", () => {
  const score = layoutAxes(combinations.slice(0, 1)).at(-1);
  expect(score?.ticks).toEqual([{ share: 0.5, label: "0.500" }]);
  expect(score?.place(combinations[0] as (typeof combinations)[0])).toBe(0.5);
});
