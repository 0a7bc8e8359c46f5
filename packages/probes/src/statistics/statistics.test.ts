import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import * as metrics from "../metrics.ts";
import { createRandom } from "../random.ts";
import { drawBinomial } from "./binomial-draw.ts";
import { confusionMetrics, confusionMetricsFor } from "./confusion-metrics.ts";
import { binomialCdf, chiSquareTail, normalCdf, normalQuantile } from "./distributions.ts";
import {
  benjaminiHochberg,
  correctedTTest,
  countDiscordant,
  friedman,
  holm,
  itemIntervals,
  matchedOddsRatio,
  mcnemar,
  pairedCohensD,
  permutePredictions,
  permuteSigns,
  riskDifference,
  wilcoxonSignedRank,
  wilsonInterval,
} from "./index.ts";

// Made by test/fixtures/statistics/make_golden.py with scipy 1.17.1 and scikit-learn 1.9.1.
const golden = JSON.parse(
  readFileSync(
    new URL("../../../../test/fixtures/statistics/golden.json", import.meta.url),
    "utf8",
  ),
);

/** Relative where values are small: p values far out count too. */
function expectClose(value: number | null, wanted: number, tolerance = 1e-10) {
  expect(Math.abs((value ?? Number.NaN) - wanted)).toBeLessThanOrEqual(
    tolerance * Math.max(Math.abs(wanted), 1e-12),
  );
}

describe("as scipy has it", () => {
  test("tails and quantiles", () => {
    const { normalCdf: cdf, normalQuantile: quantile, chiSquareTail: chi } = golden.distributions;
    for (const [z, wanted] of cdf) expectClose(normalCdf(z), wanted);
    for (const [p, wanted] of quantile) expect(normalQuantile(p)).toBeCloseTo(wanted, 10);
    for (const [x, freedom, wanted] of chi) expectClose(chiSquareTail(x, freedom), wanted);
    for (const [k, n, p, wanted] of golden.distributions.binomialCdf) {
      expectClose(binomialCdf(k, n, p), wanted);
    }
  });

  test("the signed-rank test, counted out, tied and normal", () => {
    const found = golden.wilcoxon.map((one: { differences: number[] }) =>
      wilcoxonSignedRank(one.differences),
    );
    for (const [i, { p, statistic }] of golden.wilcoxon.entries()) {
      expectClose(found[i].p, p);
      expect(found[i].statistic).toBe(statistic);
    }
    expect(found.map(({ method }: { method: string }) => method)).toEqual([
      ...["exact", "exact", "exact", "exact", "exact", "normal", "exact", "normal", "exact"],
    ]);
  });

  test("McNemar's test, exact and chi-square", () => {
    for (const { exact, chiSquare, ...counts } of golden.mcnemar) {
      expectClose(mcnemar(counts).p, exact);
      expectClose(mcnemar(counts, "chi-square").p, chiSquare);
    }
  });

  test("the corrected resampled t test and Cohen's d", () => {
    for (const { differences, testToTrain, t, p, d } of golden.correctedT) {
      const found = correctedTTest(differences, testToTrain);
      expectClose(found?.t ?? null, t);
      expectClose(found?.p ?? null, p);
      expectClose(pairedCohensD(differences), d);
    }
  });

  test("adjusted p values", () => {
    for (const one of golden.adjusted) {
      for (const [i, p] of holm(one.p).entries()) expectClose(p, one.holm[i]);
      for (const [i, p] of benjaminiHochberg(one.p).entries()) expectClose(p, one.bh[i]);
    }
    expect(() => holm([0.1, Number.NaN])).toThrow("p values: expected 0 to 1, got NaN");
  });

  test("Wilson's interval", () => {
    for (const { right, items, low, high } of golden.wilson) {
      const found = wilsonInterval(right, items);
      expect(found.low).toBeCloseTo(low, 12);
      expect(found.high).toBeCloseTo(high, 12);
    }
  });

  test("Friedman's test with ties", () => {
    const found = friedman(golden.friedman.scores);
    expectClose(found.statistic, golden.friedman.statistic);
    expectClose(found.p, golden.friedman.p);
    for (const [i, rank] of found.ranks.entries()) expectClose(rank, golden.friedman.ranks[i]);
    expect(found.criticalDifference).toBeCloseTo(2.569 * Math.sqrt((4 * 5) / (6 * 12)), 10);
  });

  test("permutations of predictions and of signs", () => {
    const { results, ...pair } = golden.permutation;
    for (const metric of ["accuracy", "macroF1", "matthews"] as const) {
      const { difference, p, resamples } = results[metric];
      const found = permutePredictions(pair, metric, { seed: 1, permutations: 99_999 });
      expectClose(found.difference, difference, 1e-9);
      // Both are estimates from so many resamples: four standard errors.
      expect(Math.abs(found.p - p)).toBeLessThan(4 * Math.sqrt((p * (1 - p) * 2) / resamples));
    }
    expectClose(permuteSigns(golden.signs.differences, { seed: 0 }).p, golden.signs.p);
  });

  test("stratified bootstrap intervals, percentile and BCa, and DeLong's", () => {
    const { truth, predicted, results, scores, delong } = golden.bootstrap;
    const rows = Uint32Array.from({ length: truth.length }, (_, i) => i);
    const fold = {
      test: rows,
      predicted: Int32Array.from(predicted),
      scores: Float32Array.from(scores),
    };
    const items = { targets: Int32Array.from(truth), classes: 2, folds: [fold] };
    for (const method of ["percentile", "bca"] as const) {
      const found = itemIntervals(items, { seed: 5, replicates: 100_000, method });
      for (const metric of ["accuracy", "f1"] as const) {
        const [low, high] = results[`${metric} ${method}`];
        const own = found.find((one) => one.metric === metric);
        // One item of 400 moves accuracy by 0.0025: both sides end on such steps.
        expect(Math.abs((own?.low ?? 0) - low)).toBeLessThan(0.0026);
        expect(Math.abs((own?.high ?? 0) - high)).toBeLessThan(0.0026);
      }
      const auc = found.find((one) => one.metric === "auc");
      expect(auc?.value).toBeCloseTo(golden.bootstrap.auc, 10);
      expect(auc?.low).toBeCloseTo(delong[0], 10);
      expect(auc?.high).toBeCloseTo(delong[1], 10);
    }
  });

  test("bootstrap intervals of a regression", () => {
    const { truth, predicted, results } = golden.regression;
    const rows = Uint32Array.from({ length: truth.length }, (_, i) => i);
    const fold = { test: rows, predicted: Float32Array.from(predicted) };
    const items = { targets: Float32Array.from(truth), classes: 0, folds: [fold] };
    const found = itemIntervals(items, { seed: 2, replicates: 40_000 });
    for (const metric of ["mse", "r2"] as const) {
      const own = found.find((one) => one.metric === metric);
      // Two bootstraps of 40,000 and 100,000: 1 % of the interval's width.
      const tolerance = 0.02 * (results[metric][1] - results[metric][0]);
      expect(Math.abs((own?.low ?? 0) - results[metric][0])).toBeLessThan(tolerance);
      expect(Math.abs((own?.high ?? 0) - results[metric][1])).toBeLessThan(tolerance);
    }
  });
});

test("metrics of counts are the metrics of items", () => {
  const random = createRandom(3);
  for (const classes of [2, 4]) {
    const truth = Int32Array.from({ length: 200 }, () => random.integer(classes));
    const predicted = truth.map((label) => (random.next() < 0.6 ? label : random.integer(classes)));
    const counts = new Float64Array(classes * classes);
    truth.forEach((label, i) => {
      counts[label * classes + predicted[i]!]! += 1;
    });
    const wanted = {
      accuracy: metrics.accuracy(truth, predicted),
      f1: classes === 2 ? metrics.f1(truth, predicted) : Number.NaN,
      macroF1: metrics.macroF1(truth, predicted, classes),
      balancedAccuracy: metrics.balancedAccuracy(truth, predicted, classes),
      matthews: metrics.matthews(truth, predicted, classes),
    };
    for (const metric of confusionMetricsFor(classes)) {
      expect(confusionMetrics[metric]({ classes, counts })).toBeCloseTo(wanted[metric], 12);
    }
  }
});

test("binomial draws have the mean and the spread of their distribution", () => {
  const random = createRandom(11);
  for (const [n, p] of [
    [1, 0.5],
    [20, 0.05],
    [1000, 0.3],
    [100_000, 0.999],
  ] as const) {
    const draws = Float64Array.from({ length: 20_000 }, () => drawBinomial(random, n, p));
    const mean = draws.reduce((sum, one) => sum + one, 0) / draws.length;
    const variance = draws.reduce((sum, one) => sum + (one - mean) ** 2, 0) / draws.length;
    const spread = n * p * (1 - p);
    expect(Math.abs(mean - n * p)).toBeLessThan(4.5 * Math.sqrt(spread / draws.length));
    expect(variance / spread).toBeGreaterThan(0.95);
    expect(variance / spread).toBeLessThan(1.05);
  }
});

test("items that several folds test bring all of their predictions along", () => {
  // Row 0 is right in both folds, row 1 in one of them; whichever rows are drawn, accuracy is 0.5 to 1.
  const folds = [
    { test: Uint32Array.of(0, 1, 2), predicted: Int32Array.of(0, 1, 1) },
    { test: Uint32Array.of(0, 1), predicted: Int32Array.of(0, 0) },
  ];
  const found = itemIntervals(
    { targets: Int32Array.of(0, 0, 1), classes: 2, folds },
    { seed: 0, replicates: 500 },
  );
  const accuracy = found.find(({ metric }) => metric === "accuracy");
  expect(accuracy?.value).toBe(4 / 5);
  // Two draws of rows 0 and 1: both row 1 gives 3 of 5 right, both row 0 all 5.
  expect([accuracy?.low, accuracy?.high]).toEqual([3 / 5, 1]);
  expect(found.map(({ metric }) => metric)).not.toContain("auc");
});

test("effect sizes of matched pairs", () => {
  const counts = countDiscordant([1, 1, 1, 0, 0], [0, 1, 0, 0, 1]);
  expect(counts).toEqual({ onlyFirst: 2, onlySecond: 1 });
  expect(matchedOddsRatio(counts)).toBe(2);
  expect(matchedOddsRatio({ onlyFirst: 3, onlySecond: 0 })).toBe(7);
  expect(matchedOddsRatio({ onlyFirst: 0, onlySecond: 0 })).toBeNull();
  expect(riskDifference(counts, 5)).toBeCloseTo(0.2, 12);
});

test("differences without spread are told from none", () => {
  expect(correctedTTest([0, 0, 0], 0.1)).toMatchObject({ p: 1, t: 0 });
  expect(correctedTTest([0.1, 0.1, 0.1], 0.1)).toMatchObject({ p: 0 });
  expect(correctedTTest([0.1], 0.1)).toBeNull();
  expect(pairedCohensD([0.1, 0.1, 0.1])).toBeNull();
});
