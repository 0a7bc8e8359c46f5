/** @file Intervals over items of a trial that was just computed, from its out-of-fold predictions. */

import type { Fold, ProbeResult, Rows } from "@probegrid/probes";
import { f1 } from "@probegrid/probes/metrics";
import { type ItemInterval, itemIntervals } from "@probegrid/probes/statistics";

type Context = {
  readonly rows: Rows;
  readonly folds: readonly Fold[];
  readonly seed: number;
  /** Resamples; 0 for no intervals. */
  readonly replicates: number;
};

/** Every metric that the predictions determine; F1 is left out where a threshold of its own gave it other predictions. */
export function intervalsOfTrial(
  { predictions, scores }: ProbeResult,
  { rows, folds, seed, replicates }: Context,
): readonly ItemInterval[] {
  if (replicates === 0) return [];
  const { targets, classes } = rows;
  const tested = predictions.map(({ fold, ...rest }) => ({
    test: folds[fold]?.test ?? new Uint32Array(),
    ...rest,
  }));
  const intervals = itemIntervals({ targets, classes, folds: tested }, { seed, replicates });
  const ownF1 = scores.some(({ metric, fold, value }) => {
    const part = tested[fold];
    if (metric !== "f1" || part === undefined) return false;
    const truth = Array.from(part.test, (row) => targets[row] ?? 0);
    return Math.abs(f1(truth, part.predicted) - value) > 1e-9;
  });
  return ownF1 ? intervals.filter(({ metric }) => metric !== "f1") : intervals;
}
