/** @file An interval over items, and where its ends lie among the replicates of a bootstrap. */

import type { Metric } from "../metrics.ts";
import { normalCdf, normalQuantile } from "./distributions.ts";

/** An interval over items, and the score of all out-of-fold predictions together that it belongs to. */
export type ItemInterval = {
  readonly metric: Metric;
  readonly method: "percentile" | "bca" | "delong";
  readonly value: number;
  readonly low: number;
  readonly high: number;
};

/** Shares of the replicates below the two ends of a percentile interval. */
export const tailShares = (confidence: number) =>
  [(1 - confidence) / 2, (1 + confidence) / 2] as const;

/** Ends of the interval: quantiles of the replicates, linear between order statistics as in numpy. */
export function percentiles(
  values: Float64Array,
  [low, high]: readonly [number, number],
): { readonly low: number; readonly high: number } {
  const sorted = Float64Array.from(values).sort();
  return { low: quantile(sorted, low), high: quantile(sorted, high) };
}

function quantile(sorted: Float64Array, share: number): number {
  const place = share * (sorted.length - 1);
  const below = Math.floor(place);
  const first = sorted[below]!;
  return (
    first + (place - below) * ((sorted[Math.min(below + 1, sorted.length - 1)] ?? first) - first)
  );
}

type Jackknifed = {
  readonly value: number;
  readonly confidence: number;
  readonly influence: { readonly cubes: number; readonly squares: number };
};

/** Efron's bias-corrected and accelerated quantiles (1987), over strata as in scipy.stats.bootstrap. */
export function bcaShares(
  replicates: Float64Array,
  { value, confidence, influence }: Jackknifed,
): readonly [number, number] {
  let below = 0;
  for (const one of replicates) below += one < value ? 1 : one === value ? 0.5 : 0;
  const share = below / replicates.length;
  if (share === 0 || share === 1 || influence.squares === 0) return tailShares(confidence);
  const bias = normalQuantile(share);
  const acceleration = influence.cubes / (6 * influence.squares ** 1.5);
  const moved = (tail: number) => {
    const z = bias + normalQuantile(tail);
    return normalCdf(bias + z / (1 - acceleration * z));
  };
  const [low, high] = tailShares(confidence);
  return [moved(low), moved(high)];
}
