/** @file Systems in Σ x xᵀ over each fold's training rows: no label is in it, so every task on the same features shares one factor. */

import { solveMany } from "../conjugate-gradients.ts";
import type { Matrices } from "../factor.ts";
import type { Fold } from "../folds.ts";
import { invertFactor } from "../invert-factor.ts";
import { clearFactors } from "../pseudo-inverse.ts";
import { createRandom } from "../random.ts";
import { type Sums, sameFolds } from "../sums.ts";

/** What one fold's right-hand sides become. */
export type TotalSolution = {
  /** S⁻¹ v for each v asked for. */
  readonly solved: readonly Float64Array[];
  /** At most about the smallest eigenvalue of S in units of its diagonal; its rounding is far below. */
  readonly smallest: number;
};

type Prepared = {
  /** S of each fold. */
  readonly moments: Matrices;
  /** L⁻¹ of the factor of their mean. */
  readonly inverseFactor: Float64Array;
  /** Per fold, at most the smallest eigenvalue of the mean, in units of the fold's own diagonal. */
  readonly bounds: readonly number[];
  /** Vectors that lie in the range of a singular matrix do not show that it is one; this random one does. */
  readonly direction: Float64Array;
};

type Known = { readonly folds: readonly Fold[]; readonly prepared: Promise<Prepared | null> };
const known = new WeakMap<Sums, Known>();

/**
 * S⁻¹ v for each fold's vectors, the same number in every fold, S the scatter of its training rows about the mean of all
 * rows. Folds differ by few rows, so one factor, of their mean, brings all of them there in a few steps; it is made once
 * for the same folds. Null where some scatter is not clearly of full rank.
 */
export async function solveTotals(
  sums: Sums,
  folds: readonly Fold[],
  vectors: readonly (readonly Float64Array[])[],
): Promise<readonly TotalSolution[] | null> {
  const prepared = await prepareOnce(sums, folds);
  if (prepared === null) return null;
  const { moments, inverseFactor, bounds, direction } = prepared;
  const { size } = moments;
  const perFold = vectors[0]!.length + 1;
  const wanted = new Float64Array(folds.length * perFold * size);
  vectors.forEach((own, f) => {
    const all = [...own, direction];
    all.forEach((v, i) => {
      wanted.set(v, (f * perFold + i) * size);
    });
  });
  const solutions = await solveMany({ matrices: moments, inverseFactor }, wanted);
  if (solutions === null) return null;
  const found = folds.map((_, f) => ({
    solved: Array.from({ length: perFold - 1 }, (_, i) => {
      const start = (f * perFold + i) * size;
      return solutions.solved.slice(start, start + size);
    }),
    smallest: (bounds[f]! * solutions.smallest[f]!) / 2,
  }));
  return found.every(({ smallest }) => smallest > 0) ? found : null;
}

function prepareOnce(sums: Sums, folds: readonly Fold[]): Promise<Prepared | null> {
  const found = known.get(sums);
  if (found !== undefined && sameFolds(found.folds, folds)) return found.prepared;
  const prepared = prepare(sums, folds);
  known.set(sums, { folds, prepared });
  return prepared;
}

async function prepare(sums: Sums, folds: readonly Fold[]): Promise<Prepared | null> {
  const moments = await sums.secondMoments(folds);
  const { size, count } = moments;
  const mean = meanMatrix(moments);
  const squares = diagonal(mean, 0, size);
  const units = squares.map((square) => (square > 0 ? 1 / Math.sqrt(square) : 0)); // a zero row leaves a zero pivot
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) mean[i * size + j]! *= units[i]! * units[j]!;
  }
  const factor: Matrices = { data: mean, count: 1, size };
  const [smallest] = await clearFactors(factor);
  if (smallest === null || smallest === undefined) return null;
  const inverseFactor = await invertFactor(factor);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) inverseFactor[i * size + j]! *= units[j]!;
  }
  const bounds = Array.from({ length: count }, (_, f) => {
    const own = diagonal(moments.data, f * size * size, size);
    return smallest / own.reduce((most, square, j) => Math.max(most, square / squares[j]!), 0);
  });
  const random = createRandom("any direction");
  const direction = squares.map((square) => random.normal() * Math.sqrt(square));
  return { moments, inverseFactor, bounds, direction };
}

const diagonal = (data: Float64Array, start: number, size: number) =>
  Float64Array.from({ length: size }, (_, j) => data[start + j * size + j]!);

/** Lower triangle of the mean of all matrices. */
function meanMatrix({ data, count, size }: Matrices): Float64Array {
  const mean = new Float64Array(size * size);
  for (let f = 0; f < count; f++) {
    const from = f * size * size;
    for (let i = 0; i < size; i++) {
      for (let j = i * size; j <= i * size + i; j++) mean[j]! += data[from + j]! / count;
    }
  }
  return mean;
}
