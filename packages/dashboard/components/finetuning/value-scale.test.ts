/** @file Scales: straight for scores, logarithmic where a diverging loss would flatten the others. */

import { expect, it } from "vitest";
import { scaleOf } from "./value-scale.ts";

it("is straight where values are close, and keeps scores between 0 and 1", () => {
  const { logarithmic, share } = scaleOf("macroF1", [0.1, 1]);
  expect(logarithmic).toBe(false);
  expect(share(1)).toBe(1);
  expect(share(0.5)).toBeCloseTo((0.5 - (0.1 - 0.054)) / (1 - (0.1 - 0.054)), 12); // 6 % of air below
});

it("is logarithmic where they differ by more than 30 times", () => {
  const { logarithmic, ticks, share } = scaleOf("loss", [0.5, 5, 500]);
  expect(logarithmic).toBe(true);
  expect(ticks).toEqual([1, 10, 100]);
  expect(share(5) - share(0.5)).toBeCloseTo((share(500) - share(5)) / 2, 12); // one decade, two
});
