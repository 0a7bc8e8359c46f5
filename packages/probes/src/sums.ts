/** @file Sums over training rows that closed-form classifiers share, made from the rows each fold leaves out. */

import { columnMeans, type Matrix, requireFinite, subtractRow } from "./array.ts";
import type { Matrices } from "./factor.ts";
import type { Fold } from "./folds.ts";
import { mirrorLower } from "./linear-algebra.ts";
import { createMoments, momentsOfRows, roughMomentsOfRows } from "./moments.ts";
import type { RowSource } from "./row-blocks.ts";

/** Float64 numbers kept for the second moments of several folds; with more, folds are done in turns. */
const momentsLimit = 2 ** 24;

/**
 * Features moved to zero mean, and sums over each fold's training rows, made when first asked for. All
 * sums are about the mean of all rows, in float64.
 */
export interface Sums {
  /** Mean of every column over all rows. */
  readonly mean: Float64Array;
  /** The features minus that mean. */
  readonly centred: Matrix;
  /** Where the features are read from, when they are not in memory; `centred` then has no numbers to give. */
  readonly blocks?: RowSource;
  /** How many folds `secondMoments` should be asked for at once. */
  readonly foldsAtOnce: number;
  /** Σ x xᵀ over all rows: [columns, columns], the lower triangle. */
  allMoments(): Promise<Float64Array>;
  /** The same to about 1e-5 of its diagonal, in half the time; never the exact ones, so that no bit depends on what was asked before. */
  roughMoments(): Promise<Float64Array>;
  /** Σ x xᵀ over the training rows of each given fold. To be read only. */
  secondMoments(folds: readonly Fold[]): Promise<Matrices>;
  /** Σ tᵀ x over the training rows of each fold: [weights' columns, columns], x squared where asked. */
  crossMoments(
    weights: Matrix,
    folds: readonly Fold[],
    options?: { readonly squared?: boolean },
  ): readonly Float64Array[];
}

/** How many folds' second moments are kept at once. */
export const foldsWithin = (columns: number) =>
  Math.max(1, Math.floor(momentsLimit / columns ** 2));

/** Prepares the shared sums of a feature matrix; refuses NaN and infinities. */
export function createSums(features: Matrix): Sums {
  const mean = columnMeans(features);
  if (!mean.every(Number.isFinite)) requireFinite(features, "features");
  const centred = subtractRow(features, mean);
  const foldsAtOnce = foldsWithin(features.columns);
  let whole: Promise<Float64Array> | null = null;
  const allMoments = () => {
    whole ??= momentsOfRows(centred);
    return whole;
  };
  let rough: Promise<Float64Array> | null = null;
  const roughMoments = () => {
    rough ??= roughMomentsOfRows(centred);
    return rough;
  };
  let latest: { folds: readonly Fold[]; result: Promise<Matrices> } | null = null;
  return {
    mean,
    centred,
    foldsAtOnce,
    allMoments,
    roughMoments,
    secondMoments(folds) {
      if (latest === null || !sameFolds(latest.folds, folds)) {
        latest = { folds, result: trainMoments(centred, folds, allMoments) };
      }
      return latest.result;
    },
    crossMoments: (weights, folds, options = {}) =>
      trainCrossMoments(centred, weights, { folds, squared: options.squared ?? false }),
  };
}

/** Whether two lists hold the same fold objects. */
export const sameFolds = (a: readonly Fold[], b: readonly Fold[]) =>
  a.length === b.length && a.every((fold, i) => fold === b[i]);

/** The rows 0 .. count - 1 that are not listed, ascending. */
export function complement(listed: ArrayLike<number>, count: number): Uint32Array {
  const inside = new Uint8Array(count);
  for (let i = 0; i < listed.length; i++) inside[listed[i]!] = 1;
  const rest = new Uint32Array(count - inside.reduce((sum, value) => sum + value, 0));
  for (let i = 0, at = 0; i < count; i++) if (inside[i] === 0) rest[at++] = i;
  return rest;
}

/** Rows to sum over for each fold: those it trains on, or those it leaves out, to be taken from the total. */
type Sides = {
  readonly sides: readonly { readonly left: boolean; readonly rows: Uint32Array }[];
  /** Whether the left out rows are all the rows, each once, so that their sums add up to the total. */
  readonly partition: boolean;
};

export function chooseSides(folds: readonly Fold[], count: number): Sides {
  const outside = folds.map(({ train }) => complement(train, count));
  const seen = new Uint8Array(count);
  for (const rows of outside) for (const row of rows) seen[row]! += 1;
  const partition = seen.every((times) => times === 1);
  const sides = outside.map((rows, i) => {
    const left = partition || rows.length < folds[i]!.train.length;
    return { left, rows: left ? rows : folds[i]!.train };
  });
  return { sides, partition };
}

async function trainMoments(
  centred: Matrix,
  folds: readonly Fold[],
  allMoments: () => Promise<Float64Array>,
): Promise<Matrices> {
  const size = centred.columns;
  const data = new Float64Array(folds.length * size * size);
  const { sides, partition } = chooseSides(folds, centred.rows);
  const moments = createMoments(centred);
  const perFold = sides.map((_, i) => data.subarray(i * size * size, (i + 1) * size * size));
  for (const [i, { rows }] of sides.entries()) {
    await moments.add(rows, perFold[i]!);
  }
  await keepTraining(perFold, { sides, partition, size, allMoments });
  return { data, count: folds.length, size };
}

type Whole = Sides & {
  readonly size: number;
  /** Over all rows, where some side was left out of them. */
  readonly allMoments: () => Promise<Float64Array>;
};

/** Turns lower triangles of sums over each side into whole matrices of sums over the training rows. */
export async function keepTraining(
  perFold: readonly Float64Array[],
  { sides, partition, size, allMoments }: Whole,
): Promise<void> {
  if (partition) subtractFromSum(perFold, size);
  else {
    const total = sides.some(({ left }) => left) ? await allMoments() : null;
    perFold.forEach((moment, i) => {
      if (sides[i]!.left) subtractFrom(total!, moment, size);
    });
  }
  for (const moment of perFold) mirrorLower(moment, size);
}

/** b ← a - b on the lower triangles. */
function subtractFrom(a: Float64Array, b: Float64Array, size: number): void {
  for (let i = 0; i < size; i++) {
    for (let j = i * size; j <= i * size + i; j++) b[j] = a[j]! - b[j]!;
  }
}

/** Each part becomes the sum of the others, on the lower triangles. */
function subtractFromSum(parts: readonly Float64Array[], size: number): void {
  const row = new Float64Array(size);
  for (let i = 0; i < size; i++) {
    const start = i * size;
    row.fill(0);
    for (const part of parts) for (let j = 0; j <= i; j++) row[j]! += part[start + j]!;
    for (const part of parts) {
      for (let j = 0; j <= i; j++) part[start + j] = row[j]! - part[start + j]!;
    }
  }
}

export function sumOf(parts: readonly Float64Array[]): Float64Array {
  const sum = new Float64Array(parts[0]!.length);
  for (const part of parts) for (let j = 0; j < sum.length; j++) sum[j]! += part[j]!;
  return sum;
}

type CrossOptions = { readonly folds: readonly Fold[]; readonly squared: boolean };

function trainCrossMoments(
  centred: Matrix,
  weights: Matrix,
  { folds, squared }: CrossOptions,
): readonly Float64Array[] {
  const { sides, partition } = chooseSides(folds, centred.rows);
  const parts = sides.map(({ rows }) => crossMoment(centred, weights, { rows, squared }));
  const everyRow = () =>
    crossMoment(centred, weights, { rows: complement([], centred.rows), squared });
  const total = partition ? sumOf(parts) : sides.some(({ left }) => left) ? everyRow() : null;
  return parts.map((part, i) =>
    sides[i]!.left ? part.map((value, j) => total![j]! - value) : part,
  );
}

function crossMoment(
  centred: Matrix,
  weights: Matrix,
  options: { readonly rows: Uint32Array; readonly squared: boolean },
): Float64Array {
  const sums = new Float64Array(weights.columns * centred.columns);
  addCrossMoment(sums, centred, { ...options, weights, offset: 0 });
  return sums;
}

type Adding = {
  readonly rows: Uint32Array;
  readonly squared: boolean;
  readonly weights: Matrix;
  /** What to add to a row for its row of the weights. */
  readonly offset: number;
};

/** Adds Σ tᵀ x over rows of `centred` to `sums` [weights' columns, columns], x squared where asked. */
export function addCrossMoment(
  sums: Float64Array,
  { columns, data }: Matrix,
  { rows, squared, weights, offset }: Adding,
): void {
  for (const row of rows) {
    const from = row * columns;
    for (let k = 0; k < weights.columns; k++) {
      const w = weights.data[(row + offset) * weights.columns + k]!;
      if (w === 0) continue;
      const to = k * columns;
      if (squared) for (let j = 0; j < columns; j++) sums[to + j]! += w * data[from + j]! ** 2;
      else for (let j = 0; j < columns; j++) sums[to + j]! += w * data[from + j]!;
    }
  }
}
