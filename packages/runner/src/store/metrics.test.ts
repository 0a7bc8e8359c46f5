import { expect, test } from "vitest";
import { withinBounds } from "./metrics.ts";

test("cuts intervals where a metric ends", () => {
  const ends = { mean: 0.9, low: -1.4, high: 1.2 };
  expect(withinBounds("accuracy", ends)).toEqual({ mean: 0.9, low: 0, high: 1 });
  expect(withinBounds("matthews", ends)).toEqual({ mean: 0.9, low: -1, high: 1 });
  expect(withinBounds("r2", ends)).toEqual({ mean: 0.9, low: -1.4, high: 1 });
  expect(withinBounds("mse", ends)).toEqual({ mean: 0.9, low: 0, high: 1.2 });
  expect(withinBounds("layerWeight11", ends)).toEqual({ mean: 0.9, low: 0, high: 1 });
  expect(withinBounds("perplexity", ends)).toEqual(ends);
  expect(withinBounds("accuracy", { low: null, high: null })).toEqual({ low: null, high: null });
});
