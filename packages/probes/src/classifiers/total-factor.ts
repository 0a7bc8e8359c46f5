/** @file Factors of Σ x xᵀ over each fold's training rows: no label is in them, so every task on the same features shares them. */

import { type Matrices, matrixAt } from "../factor.ts";
import type { Fold } from "../folds.ts";
import { type Block, solveCholesky } from "../linear-algebra.ts";
import { clearFactors } from "../pseudo-inverse.ts";
import { type Sums, sameFolds } from "../sums.ts";

/** The scatter of one fold's training rows about the mean of all rows, factored. */
export type TotalFactor = {
  /** S⁻¹ v. */
  readonly solve: (v: Float64Array) => Float64Array;
  /** At most the smallest eigenvalue of S in units of its diagonal; its rounding is far below. */
  readonly smallest: number;
};

type Known = {
  readonly folds: readonly Fold[];
  readonly factors: Promise<readonly (TotalFactor | null)[]>;
};
const known = new WeakMap<Sums, Known>();

/** A factor for each fold, made once for the same folds; null where the scatter is not clearly of full rank. */
export function totalFactors(
  sums: Sums,
  folds: readonly Fold[],
): Promise<readonly (TotalFactor | null)[]> {
  const found = known.get(sums);
  if (found !== undefined && sameFolds(found.folds, folds)) return found.factors;
  const factors = factorTotals(sums, folds);
  known.set(sums, { folds, factors });
  return factors;
}

async function factorTotals(
  sums: Sums,
  folds: readonly Fold[],
): Promise<readonly (TotalFactor | null)[]> {
  const moments = await sums.secondMoments(folds);
  const scaled = { ...moments, data: new Float64Array(moments.data.length) };
  const units = folds.map((_, i) => writeScaled(scaled, moments, i));
  const smallest = await clearFactors(scaled);
  return folds.map((_, i) => {
    const bound = smallest[i] ?? null;
    return bound === null ? null : factorOf(matrixAt(scaled, i), units[i]!, bound);
  });
}

function factorOf(factor: Block, units: Float64Array, smallest: number): TotalFactor {
  const solve = (v: Float64Array): Float64Array => {
    const x = v.map((value, j) => value * units[j]!);
    solveCholesky(factor, x);
    for (let j = 0; j < x.length; j++) x[j]! *= units[j]!;
    return x;
  };
  return { solve, smallest };
}

/** The lower triangle with a unit diagonal; returns what it was multiplied with on both sides. */
function writeScaled({ data: to, size }: Matrices, { data }: Matrices, i: number): Float64Array {
  const start = i * size * size;
  const units = Float64Array.from({ length: size }, (_, j) => {
    const square = data[start + j * size + j]!;
    return square > 0 ? 1 / Math.sqrt(square) : 0; // a zero row leaves a zero pivot
  });
  for (let a = 0; a < size; a++) {
    const row = start + a * size;
    const unit = units[a]!;
    for (let b = 0; b <= a; b++) to[row + b] = data[row + b]! * unit * units[b]!;
  }
  return units;
}
