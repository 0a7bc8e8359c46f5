/** @file Which of two scores is better, in SQL and in code; which metrics that holds for is the store's to say. */

import { lowerIsBetter } from "@probegrid/runner/store";

/** SQL words for "best first" of a metric. */
export function bestFirst(metric: string): {
  readonly best: "max" | "min";
  readonly order: "desc" | "asc";
} {
  return lowerIsBetter.has(metric) ? { best: "min", order: "asc" } : { best: "max", order: "desc" };
}

/** Positive when `a` is the better score. */
export function compareScores(metric: string, a: number, b: number): number {
  return lowerIsBetter.has(metric) ? b - a : a - b;
}
