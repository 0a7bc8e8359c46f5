/** @file Friedman's test with Nemenyi's critical difference: do several poolings differ over datasets or folds? */

import { averageRanks } from "../metrics.ts";
import { chiSquareTail } from "./distributions.ts";

export type Friedman = {
  readonly p: number;
  readonly statistic: number;
  /** Mean rank of each treatment; 1 is the highest score. */
  readonly ranks: readonly number[];
  /** Mean ranks further apart than this differ at 0.05; null for more than ten treatments. */
  readonly criticalDifference: number | null;
};

/** Studentised range quantiles at 0.05 and infinite freedom, over √2, for 2 to 10 treatments (Demšar 2006, table 5). */
const nemenyi = [1.96, 2.343, 2.569, 2.728, 2.85, 2.949, 3.031, 3.102, 3.164] as const;

/** `scores[block][treatment]`, larger is better; the statistic is corrected for ties as in scipy. */
export function friedman(scores: readonly (readonly number[])[]): Friedman {
  const blocks = scores.length;
  const treatments = scores[0]?.length ?? 0;
  if (blocks < 2 || treatments < 3 || scores.some((row) => row.length !== treatments)) {
    throw new Error(
      `friedman: expected at least 2 blocks of the same 3 or more treatments, got ${blocks} of ${treatments}`,
    );
  }
  const sums = new Float64Array(treatments);
  let ties = 0;
  for (const row of scores) {
    const ranks = averageRanks(row.map((value) => -value));
    const sizes = new Map<number, number>();
    ranks.forEach((rank, i) => {
      sums[i]! += rank;
      sizes.set(rank, (sizes.get(rank) ?? 0) + 1);
    });
    for (const size of sizes.values()) ties += size ** 3 - size;
  }
  const squares = sums.reduce((sum, one) => sum + one * one, 0);
  const plain =
    (12 * squares) / (blocks * treatments * (treatments + 1)) - 3 * blocks * (treatments + 1);
  const statistic = plain / (1 - ties / (blocks * treatments * (treatments ** 2 - 1)));
  const range = nemenyi[treatments - 2];
  return {
    p: Number.isNaN(statistic) ? 1 : chiSquareTail(statistic, treatments - 1),
    statistic: Number.isNaN(statistic) ? 0 : statistic,
    ranks: Array.from(sums, (sum) => sum / blocks),
    criticalDifference:
      range === undefined
        ? null
        : range * Math.sqrt((treatments * (treatments + 1)) / (6 * blocks)),
  };
}
