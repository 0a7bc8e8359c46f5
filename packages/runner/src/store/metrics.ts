/** @file Which metric leads where one number must stand for a trial, and which way is better. */

import { metrics } from "@probegrid/probes/metrics";

/** The metric that stands for a task when none is named. */
export const leadingMetrics = { classification: "accuracy", regression: "r2" } as const;

/** Metrics of which less is better; of all others more is. */
export const lowerIsBetter: ReadonlySet<string> = new Set([
  ...Object.entries(metrics).flatMap(([name, { better }]) => (better === "lower" ? name : [])),
  ...["loss", "descriptionLength", "descriptionLengthPaper", "permutationP"],
  "stoppedP",
]);

/** Metrics whose values belong to orders of the rows or to permutations, not to folds: they have no interval over folds. */
export const notOverFolds: ReadonlySet<string> = new Set([
  ...["descriptionLength", "descriptionLengthPaper", "compression", "compressionOverPrior"],
  ...["permutedAccuracy", "permutedR2", "permutationP"],
  ...["stoppedAfter", "stoppedP", "stoppedAccuracy", "stoppedR2"],
]);

const shareOfRows = { low: 0, high: 1 } as const;
const correlation = { low: -1, high: 1 } as const;
const error = { low: 0, high: Number.POSITIVE_INFINITY } as const;

/** The values a metric can have, where they are bounded: an interval does not reach beyond them. */
const bounds: Readonly<Record<string, { readonly low: number; readonly high: number }>> = {
  ...{ accuracy: shareOfRows, f1: shareOfRows, macroF1: shareOfRows, auc: shareOfRows },
  ...{ balancedAccuracy: shareOfRows, controlAccuracy: shareOfRows },
  ...{
    matthews: correlation,
    pearson: correlation,
    spearman: correlation,
    selectivity: correlation,
  },
  ...{ mse: error, loss: error, centreOfGravity: error },
  r2: { low: Number.NEGATIVE_INFINITY, high: 1 },
};

/** An interval, cut where the metric ends. */
export function withinBounds<
  Ends extends { readonly low: number | null; readonly high: number | null },
>(metric: string, ends: Ends): Ends {
  const known = metric.startsWith("layerWeight") ? shareOfRows : bounds[metric];
  if (known === undefined || ends.low === null || ends.high === null) return ends;
  return { ...ends, low: Math.max(ends.low, known.low), high: Math.min(ends.high, known.high) };
}

/** SQL that orders by a mean, best first. */
export function bestFirst(metricColumn: string, meanColumn: string): string {
  const lower = [...lowerIsBetter].map((metric) => `'${metric}'`).join(", ");
  return `case when ${metricColumn} in (${lower}) then ${meanColumn} else -${meanColumn} end`;
}
