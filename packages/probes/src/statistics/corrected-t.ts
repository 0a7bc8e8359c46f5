/** @file The corrected resampled t test: are per-fold differences of two trials larger than shared training rows allow? */

import { studentCdf } from "../statistics.ts";

export type FoldTest = {
  /** Two-sided. */
  readonly p: number;
  /** The statistic; infinite where all differences are equal and not zero. */
  readonly t: number;
  readonly freedom: number;
  readonly meanDifference: number;
};

/**
 * Nadeau and Bengio (2003): t = mean / sqrt(variance (1/J + test/train)) with J - 1 degrees of freedom, where a plain
 * paired t test has 1/J. With `testToTrain` 0 it is that plain test. Null for fewer than two folds.
 */
export function correctedTTest(
  differences: readonly number[],
  testToTrain: number,
): FoldTest | null {
  const count = differences.length;
  if (count < 2) return null;
  const meanDifference = differences.reduce((sum, value) => sum + value, 0) / count;
  const freedom = count - 1;
  const variance =
    differences.reduce((sum, value) => sum + (value - meanDifference) ** 2, 0) / freedom;
  // Equal differences leave a variance of pure rounding: there is nothing to divide by.
  const largest = differences.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  if (Math.sqrt(variance) <= 1e-12 * largest || largest === 0) {
    const t = largest === 0 ? 0 : Math.sign(meanDifference) * Number.POSITIVE_INFINITY;
    return { p: largest === 0 ? 1 : 0, t, freedom, meanDifference };
  }
  const t = meanDifference / Math.sqrt(variance * (1 / count + testToTrain));
  return { p: Math.min(1, 2 * studentCdf(-Math.abs(t), freedom)), t, freedom, meanDifference };
}
