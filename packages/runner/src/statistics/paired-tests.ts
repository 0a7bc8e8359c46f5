/** @file The table of paired tests: two trials on the same items and folds, and how surely they differ. */

import {
  type ConfusionMetric,
  confusionMetrics,
  correctedTTest,
  countDiscordant,
  matchedOddsRatio,
  mcnemar,
  permutePredictions,
  permuteSigns,
  wilcoxonSignedRank,
} from "@probegrid/probes/statistics";
import { ExperimentError } from "../errors.ts";
import type { StoredSplit } from "./stored-split.ts";

/** Two trials on one split, the better one first. */
export type Pairing = {
  readonly metric: string;
  readonly split: StoredSplit;
  /** Scores of the folds that both have, better less other. */
  readonly differences: readonly number[];
  /** Test rows per training row, averaged over folds. */
  readonly testToTrain: number;
  /** Predictions of every fold after one another. */
  readonly predictions: () => readonly [Predicted, Predicted] | null;
};
type Predicted = Int32Array | Float32Array;

/** Null where the test has nothing to go by: a single fold, no stored predictions. */
export type PairedResult = { readonly p: number; readonly oddsRatio: number | null } | null;

type PairedTest = {
  /** As people read it. */
  readonly title: string;
  /** What it takes the sample to be. */
  readonly over: "items" | "folds";
  readonly takes: (metric: string, split: Pick<StoredSplit, "repeated">) => boolean;
  readonly run: (pairing: Pairing) => PairedResult;
};

/** Every test by the name that the command line uses. */
export const pairedTests = {
  mcnemar: {
    title: "McNemar, exact",
    over: "items",
    takes: (metric, { repeated }) => metric === "accuracy" && !repeated,
    run: testByMcNemar,
  },
  permutation: {
    title: "paired permutation",
    over: "items",
    takes: (metric, { repeated }) =>
      metric === "accuracy" || metric === "mse" || (metric in confusionMetrics && !repeated),
    run: testByPermutation,
  },
  "corrected-t": {
    title: "corrected resampled t",
    over: "folds",
    takes: () => true,
    run: ({ differences, testToTrain }) => {
      const found = correctedTTest(differences, testToTrain);
      return found === null ? null : { p: found.p, oddsRatio: null };
    },
  },
  wilcoxon: {
    title: "Wilcoxon signed-rank",
    over: "folds",
    takes: () => true,
    run: ({ differences }) =>
      differences.length < 2 ? null : { p: wilcoxonSignedRank(differences).p, oddsRatio: null },
  },
} as const satisfies Readonly<Record<string, PairedTest>>;

export type TestName = keyof typeof pairedTests;
export const testNames = Object.keys(pairedTests) as readonly TestName[];

/** The test for a metric when none is named: over items for accuracy, else over folds; over items where there is one fold. */
export function defaultTest(
  metric: string,
  split: Pick<StoredSplit, "repeated" | "tests">,
): TestName {
  if (pairedTests.mcnemar.takes(metric, split)) return "mcnemar";
  const single = split.tests.length < 2;
  return single && pairedTests.permutation.takes(metric, split) ? "permutation" : "corrected-t";
}

/** Refuses a test that does not fit the metric or the folds, naming those that do. */
export function requireTest(
  name: TestName,
  metric: string,
  split: Pick<StoredSplit, "repeated">,
): void {
  const test: PairedTest = pairedTests[name];
  if (test.takes(metric, split)) return;
  const fitting = testNames.filter((one) => pairedTests[one].takes(metric, split));
  const folds = split.repeated ? " where several folds test the same row" : "";
  throw new ExperimentError(
    `test ${name}: is not for ${metric}${folds}, expected one of ${fitting.join(", ")}`,
  );
}

function testByMcNemar({ split, predictions }: Pairing): PairedResult {
  const pair = predictions();
  if (pair === null) return null;
  const [first, second] = pair.map((predicted) => rightOf(split, predicted));
  const counts = countDiscordant(first ?? [], second ?? []);
  return { p: mcnemar(counts).p, oddsRatio: matchedOddsRatio(counts) };
}

function testByPermutation({ metric, split, predictions }: Pairing): PairedResult {
  const pair = predictions();
  if (pair === null) return null;
  const [first, second] = pair;
  const options = { seed: 0 };
  if (metric === "mse" || split.repeated) {
    return { p: permuteSigns(rowDifferences(split, pair), options).p, oddsRatio: null };
  }
  const { classes, truth } = split;
  const found = permutePredictions(
    { truth, first, second, classes },
    metric as ConfusionMetric,
    options,
  );
  return { p: found.p, oddsRatio: null };
}

function rightOf({ truth }: StoredSplit, predicted: Predicted): Uint8Array {
  const right = new Uint8Array(truth.length);
  for (let i = 0; i < right.length; i++) right[i] = truth[i] === predicted[i] ? 1 : 0;
  return right;
}

/** Per row: how much more the second loses than the first (wrong or squared error), summed over the folds that test it. */
function rowDifferences(
  { tests, targets, classes }: StoredSplit,
  [first, second]: readonly [Predicted, Predicted],
): Float64Array {
  const loss = (target: number, predicted: number) =>
    classes > 0 ? Number(target !== predicted) : (target - predicted) ** 2;
  const sums = new Float64Array(targets.length);
  const tested = new Uint8Array(targets.length);
  let at = 0;
  for (const test of tests) {
    for (const row of test) {
      const target = targets[row] ?? 0;
      tested[row] = 1;
      sums[row] = (sums[row] ?? 0) + loss(target, second[at] ?? 0) - loss(target, first[at] ?? 0);
      at++;
    }
  }
  return sums.filter((_, row) => tested[row] === 1);
}
