import { expect, test } from "vitest";
import { summarize } from "./summary.ts";

// scipy.stats.t.ppf(0.975, df), scipy 1.17.1, good to about 1e-10
const quantiles: readonly (readonly [number, number])[] = [
  [1, 12.706204736174694],
  [2, 4.302652729749462],
  [4, 2.7764451051977934],
  [9, 2.262157162798205],
  [29, 2.045229642132703],
  [99, 1.9842169515864174],
];

test.each(quantiles)("with %d degrees of freedom the interval is t = %d wide", (freedom, t) => {
  const values = Array.from({ length: freedom + 1 }, (_, i) => i % 2);
  const { mean, std, high } = summarize(values, 0.25);
  expect((high! - mean) / (std! * Math.sqrt(1 / (freedom + 1) + 0.25))).toBeCloseTo(t, 8);
});

test("gives the mean and the sample standard deviation", () => {
  // mean of 1, 2, 3, 4 is 2.5; squared differences 2.25 + 0.25 + 0.25 + 2.25 = 5; sqrt(5 / 3)
  expect(summarize([1, 2, 3, 4], 0.1)).toMatchObject({
    folds: 4,
    mean: 2.5,
    std: Math.sqrt(5 / 3),
  });
});

test("one fold has no spread", () => {
  expect(summarize([0.8], 0.25)).toEqual({ folds: 1, mean: 0.8, std: null, low: null, high: null });
});
