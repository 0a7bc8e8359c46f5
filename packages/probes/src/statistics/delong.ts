/** @file DeLong's interval (1988) of the area under the ROC curve. */

import { averageRanks } from "../metrics.ts";
import { normalQuantile } from "./distributions.ts";

export type ClassScores = {
  readonly positive: readonly number[];
  readonly negative: readonly number[];
};

/** AUC ± z sqrt(S10 / m + S01 / n), cut to 0 to 1; null with fewer than two items of a class. */
export function delongInterval(
  { positive, negative }: ClassScores,
  confidence = 0.95,
): { readonly value: number; readonly low: number; readonly high: number } | null {
  const [m, n] = [positive.length, negative.length];
  if (m < 2 || n < 2) return null;
  const ranks = averageRanks([...positive, ...negative]);
  const amongPositive = averageRanks(positive);
  const amongNegative = averageRanks(negative);
  // Share of the other class that each item is ranked right against.
  const ofPositive = positive.map((_, i) => (ranks[i]! - amongPositive[i]!) / n);
  const ofNegative = negative.map((_, i) => 1 - (ranks[m + i]! - amongNegative[i]!) / m);
  const value = ofPositive.reduce((sum, share) => sum + share, 0) / m;
  const variance = (shares: readonly number[]) =>
    shares.reduce((sum, share) => sum + (share - value) ** 2, 0) / (shares.length - 1);
  const half =
    normalQuantile((1 + confidence) / 2) *
    Math.sqrt(variance(ofPositive) / m + variance(ofNegative) / n);
  return { value, low: Math.max(0, value - half), high: Math.min(1, value + half) };
}
