/** @file Which of two scores is better, and where metrics end; which way is better is the store's to say. */

import { lowerIsBetter } from "@probegrid/runner/store";

/** Positive when `a` is the better score. */
export function compareScores(metric: string, a: number, b: number): number {
  return lowerIsBetter.has(metric) ? b - a : a - b;
}

const shares = ["accuracy", "f1", "macroF1", "balancedAccuracy", "auc", "controlAccuracy"];
const signed = ["matthews", "pearson", "spearman", "selectivity"];
const bounds: ReadonlyMap<string, Bounds> = new Map<string, Bounds>([
  ...shares.map((metric) => [metric, [0, 1]] as const),
  ...signed.map((metric) => [metric, [-1, 1]] as const),
  ["mse", [0, null]],
  ["r2", [null, 1]],
]);

/** Least and greatest value that a metric can take, null where it has no end. */
export type Bounds = readonly [least: number | null, greatest: number | null];

/** Bounds of a metric; an unknown one has none. */
export function boundsOf(metric: string): Bounds {
  return bounds.get(metric) ?? [null, null];
}

/** An end of an interval, moved to where the metric ends. */
export function within(metric: string, end: number | null): number | null {
  if (end === null) return null;
  const [least, greatest] = boundsOf(metric);
  return Math.max(least ?? end, Math.min(greatest ?? end, end));
}

/** The best of some points. */
export function bestPoint<P extends { readonly mean: number }>(
  metric: string,
  points: readonly P[],
): P {
  return points.reduce((best, point) =>
    compareScores(metric, point.mean, best.mean) > 0 ? point : best,
  );
}
