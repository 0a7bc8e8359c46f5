import { classifiers, createRandom, type Fold, type ProbeData } from "@probegrid/probes";
import { expect, test } from "vitest";
import { defaultStatistics } from "../experiment/statistics.ts";
import { stopEarly, worseP } from "./stop-early.ts";

test("is a one-sided corrected t test", () => {
  // Differences 0.05, 0.08, 0.02: mean 0.05, variance 0.0009; t = 0.05 / sqrt(0.0009 (1/3 + 1/9)) = 2.5.
  const rival = { trial: "best", scores: [0.9, 0.9, 0.9, 0.1] };
  const own = [0.85, 0.82, 0.88];
  // With 2 degrees of freedom P(T > t) = 1/2 - t / (2 sqrt(2 + t²)).
  const expected = 0.5 - 2.5 / (2 * Math.sqrt(2 + 2.5 ** 2));
  expect(worseP(own, { rival, testToTrain: 1 / 9 })).toBeCloseTo(expected, 10);
  const better = { trial: "worse", scores: [0.8, 0.74, 0.86] };
  expect(worseP(own, { rival: better, testToTrain: 1 / 9 })).toBeGreaterThan(0.5);
});

const random = createRandom(1);
const rows = 120;
const targets = Int32Array.from({ length: rows }, () => random.integer(2));
const folds = Array.from({ length: 6 }, (_, f): Fold => {
  const all = Uint32Array.from({ length: rows }, (_, row) => row);
  return {
    train: all.filter((row) => row % 6 !== f),
    validation: new Uint32Array(),
    test: all.filter((row) => row % 6 === f),
  };
});
/** Noise: nothing about the targets can be learned. */
const features = {
  rows,
  columns: 3,
  data: Float32Array.from({ length: 3 * rows }, () => random.normal()),
};
const data: ProbeData = { features, folds, targets, task: "classification", classes: 2, seed: 0 };
const context = (stop: number, scores: readonly number[] | null) => ({
  classifier: classifiers.lda as never,
  options: {},
  statistics: { ...defaultStatistics, stop },
  rival: scores === null ? null : { trial: "best", scores },
});

test("stops what is far behind, and says after how many folds and with which p", async () => {
  const stopped = await stopEarly(data, context(0.05, [1, 1, 1, 1, 1, 1]));
  const of = (metric: string) =>
    stopped?.scores.flatMap((score) => (score.metric === metric ? score.value : []));
  expect(of("stoppedAfter")).toEqual([3]);
  expect(of("stoppedAccuracy")?.length).toBe(3);
  const p = of("stoppedP")?.[0] ?? 1;
  expect(p).toBeLessThan(0.05);
  expect(stopped?.flags).toEqual([
    `stopped after 3 of 6 folds: worse than best, p ${p.toPrecision(2)}`,
  ]);
});

test("lets all others go on", async () => {
  expect(await stopEarly(data, context(0.05, [0.4, 0.6, 0.5, 0.5, 0.5, 0.5]))).toBe(null);
  expect(await stopEarly(data, context(0, [1, 1, 1, 1, 1, 1]))).toBe(null);
  expect(await stopEarly(data, context(0.05, null))).toBe(null);
});
