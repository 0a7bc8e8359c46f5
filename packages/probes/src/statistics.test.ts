/** @file The t distribution and the corrected interval against scipy. */

import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { logGamma, studentCdf, studentQuantile, summarise } from "./statistics.ts";

const path = new URL("../../../test/fixtures/scikit-learn/golden.json", import.meta.url);
const { cdf, ppf, nadeauBengio } = JSON.parse(readFileSync(path, "utf8")).statistics;

it("has the probabilities of scipy.stats.t", () => {
  for (const [t, freedom, p] of cdf) expect(studentCdf(t, freedom)).toBeCloseTo(p, 12);
});

it("has the quantiles of scipy.stats.t", () => {
  for (const [p, freedom, t] of ppf) {
    expect(studentQuantile(p, freedom) / t).toBeCloseTo(1, 10);
  }
});

it("knows factorials: ln Γ(n + 1) = ln n!", () => {
  expect(logGamma(1)).toBeCloseTo(0, 13);
  expect(logGamma(6)).toBeCloseTo(Math.log(120), 12);
  expect(logGamma(0.5)).toBeCloseTo(Math.log(Math.PI) / 2, 13);
});

it("widens the interval for the training rows that folds share", () => {
  const { values, low, high } = nadeauBengio;
  const found = summarise(values, { testToTrain: 1 / 9 });
  expect(found.low).toBeCloseTo(low, 12);
  expect(found.high).toBeCloseTo(high, 12);
  // Mean 0.82; squared deviations in units of 1e-4: 1 4 9 16 0 4 1 9 16 0, sum 60.
  expect(found.mean).toBeCloseTo(0.82, 12);
  expect(found.std).toBeCloseTo(Math.sqrt(60e-4 / 9), 12);
});

it("has no interval for a single fold, and a point for equal ones", () => {
  expect(summarise([0.7], { testToTrain: 0.25 })).toEqual({
    mean: 0.7,
    std: null,
    low: null,
    high: null,
  });
  expect(summarise([0.5, 0.5, 0.5], { testToTrain: 0.5 })).toMatchObject({ low: 0.5, high: 0.5 });
});
