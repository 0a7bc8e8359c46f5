/** @file Wilcoxon's signed-rank test of paired differences, with the conventions of scipy.stats.wilcoxon. */

import { averageRanks } from "../metrics.ts";
import { normalTails } from "./distributions.ts";

export type Wilcoxon = {
  /** Two-sided. */
  readonly p: number;
  /** The smaller of the rank sums of positive and of negative differences. */
  readonly statistic: number;
  readonly method: "exact" | "normal";
};

/** Largest samples that are counted out, without and with ties or zeros; as in scipy. */
const mostExact = { plain: 50, tied: 13 } as const;

/**
 * Zeros are left out (Wilcoxon's way). The null distribution is exact up to 50 differences, or 13 where there are ties
 * or zeros; beyond that it is normal with the variance corrected for ties, without continuity correction.
 */
export function wilcoxonSignedRank(differences: readonly number[]): Wilcoxon {
  const values = differences.filter((value) => value !== 0);
  const ranks = averageRanks(values.map(Math.abs));
  let positive = 0;
  let negative = 0;
  values.forEach((value, i) => {
    if (value > 0) positive += ranks[i] ?? 0;
    else negative += ranks[i] ?? 0;
  });
  const statistic = Math.min(positive, negative);
  if (values.length === 0) return { p: 1, statistic, method: "exact" };
  const tied = new Set(ranks).size < ranks.length || values.length < differences.length;
  return differences.length <= (tied ? mostExact.tied : mostExact.plain)
    ? { p: exactP(ranks, statistic), statistic, method: "exact" }
    : { p: normalP(ranks, statistic), statistic, method: "normal" };
}

/** Twice the share of the 2^n sign patterns whose rank sum is at most the statistic, at most 1. */
function exactP(ranks: Float64Array, statistic: number): number {
  // Twice the ranks are whole numbers, ties or not.
  const doubled = Array.from(ranks, (rank) => Math.round(2 * rank));
  const total = doubled.reduce((sum, rank) => sum + rank, 0);
  const share = new Float64Array(total + 1);
  share[0] = 1;
  for (const rank of doubled) {
    for (let sum = total; sum >= 0; sum--) {
      share[sum] = ((share[sum] ?? 0) + (sum >= rank ? (share[sum - rank] ?? 0) : 0)) / 2;
    }
  }
  const tail = share
    .subarray(0, Math.round(2 * statistic) + 1)
    .reduce((sum, value) => sum + value, 0);
  return Math.min(1, 2 * tail);
}

function normalP(ranks: Float64Array, statistic: number): number {
  const n = ranks.length;
  const sizes = new Map<number, number>();
  for (const rank of ranks) sizes.set(rank, (sizes.get(rank) ?? 0) + 1);
  const ties = [...sizes.values()].reduce((sum, size) => sum + size ** 3 - size, 0);
  const variance = (n * (n + 1) * (2 * n + 1) - ties / 2) / 24;
  return normalTails((statistic - (n * (n + 1)) / 4) / Math.sqrt(variance));
}
