/** @file DeLong's interval (1988) of the area under the ROC curve. */

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
  // Share of the other class that each item is ranked right against, ties counting half.
  const sortedPositive = Float64Array.from(positive).sort();
  const sortedNegative = Float64Array.from(negative).sort();
  const ofPositive = positive.map((score) => shareBelow(sortedNegative, score));
  const ofNegative = negative.map((score) => 1 - shareBelow(sortedPositive, score));
  const value = ofPositive.reduce((sum, share) => sum + share, 0) / m;
  const variance = (shares: readonly number[]) =>
    shares.reduce((sum, share) => sum + (share - value) ** 2, 0) / (shares.length - 1);
  const half =
    normalQuantile((1 + confidence) / 2) *
    Math.sqrt(variance(ofPositive) / m + variance(ofNegative) / n);
  return { value, low: Math.max(0, value - half), high: Math.min(1, value + half) };
}

function shareBelow(sorted: Float64Array, score: number): number {
  const below = countUntil(sorted, (value) => value < score);
  const upTo = countUntil(sorted, (value) => value <= score);
  return (below + upTo) / (2 * sorted.length);
}

/** How many values, from the first, satisfy a condition that all later ones fail. */
function countUntil(sorted: Float64Array, holds: (value: number) => boolean): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(sorted[middle]!)) low = middle + 1;
    else high = middle;
  }
  return low;
}
