/** @file Inverse covariances within the classes, on every fold, by columns or (with few rows) by rows. */

import { type Matrix, takeRows } from "../array.ts";
import type { Matrices } from "../factor.ts";
import type { Fold } from "../folds.ts";
import { addScaled, dot, symmetricEigen } from "../linear-algebra.ts";
import { momentsOfRows } from "../moments.ts";
import { type PseudoInverse, pseudoInverses } from "../pseudo-inverse.ts";
import type { ClassSums } from "./class-sums.ts";
import type { FitInput } from "./classifier.ts";
import { solveTotals, type TotalSolution } from "./total-factor.ts";

export type Batch = { readonly folds: readonly Fold[]; readonly classes: readonly ClassSums[] };

/** The inverse covariance times Σ_k share_k μ_k, which is all that discriminants are made of. */
export type WithinInverse = (shares: ArrayLike<number>) => Float64Array;

/**
 * Pseudo-inverses of the covariance within the classes, one per fold. Where it is clearly of full rank it is the total
 * one less a few rank-one terms, and the factor of the total is shared with every other task on the same features.
 */
export async function withinInverses(
  input: FitInput,
  batch: Batch,
  tolerance: number,
): Promise<readonly WithinInverse[]> {
  const { columns } = input.sums.centred;
  if (batch.folds.every((fold) => fold.train.length > columns)) {
    const rows = batch.classes.map(meanRows);
    const totals = await solveTotals(input.sums, batch.folds, rows);
    const inverses = totals?.map((total, i) =>
      updatedInverse({ total, classes: batch.classes[i]!, means: rows[i]! }, tolerance),
    );
    if (inverses?.every((inverse) => inverse !== null)) return inverses;
  }
  const ranked = await rankedInverses(input, batch, tolerance);
  return ranked.map((inverse, i) => (shares) => inverse(meanOf(batch.classes[i]!, shares)));
}

/** Σ_k share_k μ_k. */
function meanOf({ counts, means }: ClassSums, shares: ArrayLike<number>): Float64Array {
  const size = means.length / counts.length;
  const sum = new Float64Array(size);
  for (let k = 0; k < counts.length; k++) {
    if (shares[k] !== 0) addScaled(sum, means.subarray(k * size, (k + 1) * size), shares[k]!);
  }
  return sum;
}

/** A row √n_k μ_k per class; of zeros for a class the fold lacks. */
function meanRows({ counts, means }: ClassSums): readonly Float64Array[] {
  const size = means.length / counts.length;
  return Array.from(counts, (count, k) => {
    const root = Math.sqrt(count);
    return means.slice(k * size, (k + 1) * size).map((value) => value * root);
  });
}

type Update = {
  readonly total: TotalSolution;
  readonly classes: ClassSums;
  /** The rows of M, of which `total` has the solutions. */
  readonly means: readonly Float64Array[];
};

/**
 * (S - Mᵀ M)⁻¹ with a row √n_k μ_k of M per class: on what lies in the span of M, as all shifts of class means do, it
 * is S⁻¹ Mᵀ (1 - M S⁻¹ Mᵀ)⁻¹ (Woodbury). Its smallest eigenvalue is at least the product of two that are known; null
 * where that is not clearly above zero.
 */
function updatedInverse(
  { total: { solved, smallest }, classes: { rows, counts }, means }: Update,
  tolerance: number,
): WithinInverse | null {
  const count = counts.length;
  const rest = Float64Array.from({ length: count ** 2 }, (_, at) => {
    const [a, b] = [Math.floor(at / count), at % count];
    return (a === b ? 1 : 0) - dot(means[Math.max(a, b)]!, solved[Math.min(a, b)]!);
  });
  const { values, vectors } = symmetricEigen(rest, count);
  if (values[0]! < 1e-6 || values[0]! * smallest < 3 * tolerance ** 2) return null;
  return (shares) => {
    // Of the rows of M.
    const wanted = counts.map((n, k) => (n === 0 ? 0 : shares[k]! / Math.sqrt(n)));
    const x = new Float64Array(solved[0]!.length);
    for (let q = 0; q < count; q++) {
      const along = vectors.subarray(q * count, (q + 1) * count);
      const share = (rows * dot(along, wanted)) / values[q]!;
      for (let k = 0; k < count; k++) addScaled(x, solved[k]!, share * along[k]!);
    }
    return x;
  };
}

/** The same with the rank rules, which look at the covariance itself. */
async function rankedInverses(
  input: FitInput,
  { folds, classes }: Batch,
  tolerance: number,
): Promise<readonly PseudoInverse[]> {
  const { columns } = input.sums.centred;
  // Fewer rows than features: the rows' products are the smaller matrix, and the only one of full rank.
  if (folds.some((fold) => fold.train.length <= columns)) {
    const inverses: PseudoInverse[] = [];
    for (const [i, fold] of folds.entries()) {
      inverses.push(await dualInverse(input, { fold, classes: classes[i]! }, tolerance));
    }
    return inverses;
  }
  const moments = await input.sums.secondMoments(folds);
  const deviations = classes.map((sums, i) => withinDeviations(moments, i, sums));
  const within = { ...moments, data: new Float64Array(moments.data.length) };
  const write = (i: number, to: Float64Array) =>
    writeWithin(to, matrixOf(moments, i), { sums: classes[i]!, deviations: deviations[i]! });
  const rebuild = (i: number) => {
    const matrix = new Float64Array(columns * columns);
    write(i, matrix);
    return matrix;
  };
  folds.forEach((_, i) => {
    write(i, matrixOf(within, i));
  });
  const inverses = await pseudoInverses(within, { tolerance: tolerance ** 2, rebuild });
  return inverses.map((inverse, i) => scaled(inverse, deviations[i]!));
}

const matrixOf = ({ data, size }: Matrices, i: number) =>
  data.subarray(i * size * size, (i + 1) * size * size);

/** v ↦ S⁻¹ A⁺ S⁻¹ v for deviations S: from standardised coordinates back to the features'. */
const scaled =
  (inverse: PseudoInverse, deviations: Float64Array): PseudoInverse =>
  (v) =>
    inverse(v.map((value, j) => value / deviations[j]!)).map((value, j) => value / deviations[j]!);

/** Deviation of each feature within its classes; 1 for a feature that does not vary there. */
function withinDeviations(moments: Matrices, i: number, sums: ClassSums): Float64Array {
  const { size } = moments;
  const moment = matrixOf(moments, i);
  return Float64Array.from({ length: size }, (_, j) => {
    const total = moment[j * size + j]!;
    let within = total;
    sums.counts.forEach((count, k) => {
      within -= count * sums.means[k * size + j]! ** 2;
    });
    return within > 1e-12 * total ? Math.sqrt(within / sums.rows) : 1;
  });
}

/** Lower triangle of (Σ x xᵀ - Σ_k n_k μ_k μ_kᵀ) / n, in units of the deviations. */
function writeWithin(
  to: Float64Array,
  moment: Float64Array,
  { sums, deviations }: { readonly sums: ClassSums; readonly deviations: Float64Array },
): void {
  const size = deviations.length;
  const { counts, means, rows } = sums;
  const present = Array.from(counts.keys()).filter((k) => counts[k]! > 0);
  const row = new Float64Array(size);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) row[j] = moment[i * size + j]!;
    for (const k of present) {
      const factor = counts[k]! * means[k * size + i]!;
      for (let j = 0; j <= i; j++) row[j]! -= factor * means[k * size + j]!;
    }
    const unit = 1 / (rows * deviations[i]!);
    for (let j = 0; j <= i; j++) to[i * size + j] = (row[j]! * unit) / deviations[j]!;
  }
}

/** The same pseudo-inverse from products of rows: with A the scaled rows, (AᵀA)⁺ = Aᵀ (AAᵀ)⁺² A. */
async function dualInverse(
  { sums, task }: FitInput,
  { fold, classes }: { readonly fold: Fold; readonly classes: ClassSums },
  tolerance: number,
): Promise<PseudoInverse> {
  const x = takeRows(sums.centred, fold.train);
  const targets = task.targets;
  const size = x.columns;
  const squares = new Float64Array(size);
  const totals = new Float64Array(size);
  for (let i = 0; i < x.rows; i++) {
    const mean = targets[fold.train[i]!]! * size;
    for (let j = 0; j < size; j++) {
      const value = x.data[i * size + j]!;
      const within = value - classes.means[mean + j]!;
      totals[j]! += value * value;
      squares[j]! += within * within;
      x.data[i * size + j] = within;
    }
  }
  const deviations = squares.map((square, j) =>
    square > 1e-12 * totals[j]! ? Math.sqrt(square / x.rows) : 1,
  );
  const unit = 1 / Math.sqrt(x.rows);
  const a = new Float32Array(x.data.length); // transposed: [features, rows]
  for (let i = 0; i < x.rows; i++) {
    for (let j = 0; j < size; j++) {
      const zero = squares[j]! <= 1e-12 * totals[j]!;
      a[j * x.rows + i] = zero ? 0 : (x.data[i * size + j]! * unit) / deviations[j]!;
    }
  }
  const rows: Matrix = { rows: size, columns: x.rows, data: a };
  const product = await momentsOfRows(rows);
  const [inverse] = await pseudoInverses(
    { data: product.slice(), count: 1, size: x.rows },
    { tolerance: tolerance ** 2, rebuild: () => product.slice() },
  );
  const apply: PseudoInverse = (v) =>
    multiply(rows, inverse!(inverse!(multiplyTransposed(rows, v))));
  return scaled(apply, deviations);
}

/** A v for A [rows, columns]. */
function multiply({ rows, columns, data }: Matrix, v: Float64Array): Float64Array {
  return Float64Array.from({ length: rows }, (_, i) => {
    let sum = 0;
    for (let j = 0; j < columns; j++) sum += data[i * columns + j]! * v[j]!;
    return sum;
  });
}

/** Aᵀ v. */
function multiplyTransposed({ rows, columns, data }: Matrix, v: Float64Array): Float64Array {
  const out = new Float64Array(columns);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) out[j]! += data[i * columns + j]! * v[i]!;
  }
  return out;
}
