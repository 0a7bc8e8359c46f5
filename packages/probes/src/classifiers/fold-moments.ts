/** @file Mean and deviation of every feature in each fold's training rows. */

import type { Fold } from "../folds.ts";
import { type Sums, sameFolds } from "../sums.ts";

/** Per feature, about the mean of all rows. */
export type Spread = {
  readonly mean: Float64Array;
  /** Population variance; rounding of a feature that does not vary counts as 0. */
  readonly variance: Float64Array;
  /** Population deviation; 1 for a feature that does not vary, as scikit-learn's StandardScaler. */
  readonly deviation: Float64Array;
};

type Known = { readonly folds: readonly Fold[]; readonly spreads: readonly Spread[] };
const known = new WeakMap<Sums, Known>();

/** Mean and deviation over the training rows of every fold; made once for the same features and folds. */
export function trainSpreads(sums: Sums, folds: readonly Fold[]): readonly Spread[] {
  const found = known.get(sums);
  if (found !== undefined && sameFolds(found.folds, folds)) return found.spreads;
  const spreads = makeSpreads(sums, folds);
  known.set(sums, { folds, spreads });
  return spreads;
}

function makeSpreads(sums: Sums, folds: readonly Fold[]): readonly Spread[] {
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

/** What the features of each fold are divided by: deviations over its training rows, or 1 where they are left as they are. */
export function trainScales(
  sums: Sums,
  folds: readonly Fold[],
  standardise: boolean,
): readonly Float64Array[] {
  if (standardise) return trainSpreads(sums, folds).map(({ deviation }) => deviation);
  const ones = new Float64Array(sums.centred.columns).fill(1);
  return folds.map(() => ones);
}

/** What features are divided by: their deviations, or 1 where they are left as they are. */
export function scalesOf({ deviation }: Spread, standardise: boolean): Float64Array {
  return standardise ? deviation : new Float64Array(deviation.length).fill(1);
}
