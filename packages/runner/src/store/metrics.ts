/** @file Which metric leads where one number must stand for a trial, and which way is better. */

import { metrics } from "@probegrid/probes/metrics";

/** The metric that stands for a task when none is named. */
export const leadingMetrics = { classification: "accuracy", regression: "r2" } as const;

/** Metrics of which less is better; of all others more is. */
export const lowerIsBetter: ReadonlySet<string> = new Set([
  ...Object.entries(metrics).flatMap(([name, { better }]) => (better === "lower" ? name : [])),
  ...["loss", "descriptionLength", "descriptionLengthPaper", "permutationP"],
]);

/** Metrics whose values belong to orders of the rows or to permutations, not to folds: they have no interval over folds. */
export const notOverFolds: ReadonlySet<string> = new Set([
  ...["descriptionLength", "descriptionLengthPaper", "compression", "compressionOverPrior"],
  ...["permutedAccuracy", "permutedR2", "permutationP"],
]);

/** SQL that orders by a mean, best first. */
export function bestFirst(metricColumn: string, meanColumn: string): string {
  const lower = [...lowerIsBetter].map((metric) => `'${metric}'`).join(", ");
  return `case when ${metricColumn} in (${lower}) then ${meanColumn} else -${meanColumn} end`;
}
