/** @file How large a difference is, next to how surely it is one. */

import type { Discordant } from "./mcnemar.ts";

/** Cohen's d of paired differences: mean / standard deviation (n - 1); null where there is no spread to divide by. */
export function pairedCohensD(differences: readonly number[]): number | null {
  const count = differences.length;
  if (count < 2) return null;
  const mean = differences.reduce((sum, value) => sum + value, 0) / count;
  const variance = differences.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (count - 1);
  const largest = differences.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  if (Math.sqrt(variance) <= 1e-12 * largest || largest === 0) return null;
  return mean / Math.sqrt(variance);
}

/**
 * Odds that a discordant item is right in the first and wrong in the second: b / c. With a zero among
 * them 0.5 is added to both (Haldane and Anscombe); null where no item is discordant.
 */
export function matchedOddsRatio({ onlyFirst, onlySecond }: Discordant): number | null {
  if (onlyFirst + onlySecond === 0) return null;
  if (onlyFirst > 0 && onlySecond > 0) return onlyFirst / onlySecond;
  return (onlyFirst + 0.5) / (onlySecond + 0.5);
}

/** Difference of two accuracies on the same items, (b - c) / n. */
export function riskDifference({ onlyFirst, onlySecond }: Discordant, items: number): number {
  return (onlyFirst - onlySecond) / items;
}
