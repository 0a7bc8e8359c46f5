/** @file Mean and deviation of every feature in each fold's training rows. */

import type { Fold } from "../folds.ts";
import type { Sums } from "../sums.ts";

/** Per feature, about the mean of all rows. */
export type Spread = {
  readonly mean: Float64Array;
  /** Population variance; rounding of a feature that does not vary counts as 0. */
  readonly variance: Float64Array;
  /** Population deviation; 1 for a feature that does not vary, as scikit-learn's StandardScaler. */
  readonly deviation: Float64Array;
};

/** Mean and deviation over the training rows of every fold. */
export function trainSpreads(sums: Sums, folds: readonly Fold[]): readonly Spread[] {
  const { rows } = sums.centred;
  const ones = { rows, columns: 1, data: new Float32Array(rows).fill(1) };
  const totals = sums.crossMoments(ones, folds);
  const squares = sums.crossMoments(ones, folds, { squared: true });
  return folds.map(({ train }, i) => {
    const mean = totals[i]!.map((sum) => sum / train.length);
    const variance = squares[i]!.map((sum, j) => {
      const square = sum / train.length;
      return square - mean[j]! ** 2 > 1e-12 * square ? square - mean[j]! ** 2 : 0;
    });
    const deviation = variance.map((value) => (value > 0 ? Math.sqrt(value) : 1));
    return { mean, variance, deviation };
  });
}

/** What features are divided by: their deviations, or 1 where they are left as they are. */
export function scalesOf({ deviation }: Spread, standardise: boolean): Float64Array {
  return standardise ? deviation : new Float64Array(deviation.length).fill(1);
}
