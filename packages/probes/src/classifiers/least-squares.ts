/** @file Least squares with a quadratic penalty on every fold: the mathematics of ridge and linear. */

import { type Matrix, takeRows } from "../array.ts";
import type { Matrices } from "../factor.ts";
import type { Fold } from "../folds.ts";
import { momentsOfRows } from "../moments.ts";
import { pseudoInverses } from "../pseudo-inverse.ts";
import type { FitInput, FoldFit } from "./classifier.ts";
import { type Spread, scalesOf, trainSpreads } from "./fold-moments.ts";
import { type LinearModel, scoreLinear } from "./linear-scores.ts";
import { numericTargets } from "./targets.ts";

export type LeastSquaresOptions = {
  /** Weight of the squared coefficients; 0 gives the shortest of the exact solutions. */
  readonly alpha: number;
  readonly standardise: boolean;
};

/**
 * Eigenvalues that count as zero, in units of the largest square: without a penalty those of singular
 * values below 1e-6, as in scikit-learn; with one only what is rounding.
 */
const toleranceFor = (alpha: number) => (alpha > 0 ? 1e-15 : 1e-12);

/** Minimises |y - X w - b|² + alpha |w|² on the training rows of every fold. */
export async function fitLeastSquares(
  input: FitInput,
  options: LeastSquaresOptions,
): Promise<readonly FoldFit[]> {
  const { sums, folds, task } = input;
  const targets = numericTargets(task);
  const spreads = trainSpreads(sums, folds);
  const few = folds.some((fold) => fold.train.length <= sums.centred.columns);
  const solve = few ? solveByRows : solveByColumns;
  const models: LinearModel[] = [];
  for (let start = 0; start < folds.length; start += sums.foldsAtOnce) {
    const batch = folds.slice(start, start + sums.foldsAtOnce).map((fold, i) => {
      const spread = spreads[start + i]!;
      return { fold, mean: spread.mean, scales: scalesOf(spread, options.standardise) };
    });
    const weights = await solve(input, { batch, targets }, options.alpha);
    batch.forEach(({ fold, mean }, i) => {
      models.push({
        weights: weights[i]!,
        intercepts: intercepts(weights[i]!, mean, meanRow(targets, fold)),
      });
    });
  }
  return scoreLinear(input, models);
}

type FoldScale = {
  readonly fold: Fold;
  readonly mean: Spread["mean"];
  /** What the features are divided by. */
  readonly scales: Float64Array;
};
type System = { readonly batch: readonly FoldScale[]; readonly targets: Matrix };
/** Per fold and output, the coefficients of the unscaled features. */
type Weights = readonly (readonly Float64Array[])[];

/** w = S⁻¹ (S⁻¹ X̃ᵀX̃ S⁻¹ + alpha)⁺ S⁻¹ X̃ᵀ y with X̃ the features about the fold's mean, S their scales. */
async function solveByColumns(
  { sums }: FitInput,
  { batch, targets }: System,
  alpha: number,
): Promise<Weights> {
  const folds = batch.map(({ fold }) => fold);
  const moments = await sums.secondMoments(folds);
  const { size } = moments;
  const units = batch.map((scaled, i) => columnUnits(moments, i, { ...scaled, alpha }));
  const write = (i: number, to: Float64Array) => {
    const { fold, mean, scales } = batch[i]!;
    const from = i * size * size;
    for (let a = 0; a < size; a++) {
      const row = from + a * size;
      const shift = fold.train.length * mean[a]!;
      const unit = units[i]!;
      for (let b = 0; b <= a; b++) {
        to[a * size + b] = (moments.data[row + b]! - shift * mean[b]!) * unit[a]! * unit[b]!;
      }
      to[a * size + a]! += alpha * (scales[a]! * unit[a]!) ** 2;
    }
    return to;
  };
  const systems = { ...moments, data: new Float64Array(moments.data.length) };
  batch.forEach((_, i) => {
    write(i, systems.data.subarray(i * size * size, (i + 1) * size * size));
  });
  const rebuild = (i: number) => write(i, new Float64Array(size * size));
  const inverses = await pseudoInverses(systems, { tolerance: toleranceFor(alpha), rebuild });
  const products = sums.crossMoments(targets, folds);
  return batch.map(({ fold, mean }, i) => {
    const means = meanRow(targets, fold);
    return means.map((targetMean, o) => {
      const v = new Float64Array(size);
      for (let j = 0; j < size; j++) {
        const centred = products[i]![o * size + j]! - fold.train.length * targetMean * mean[j]!;
        v[j] = centred * units[i]![j]!;
      }
      return inverses[i]!(v).map((value, j) => value * units[i]![j]!);
    });
  });
}

/**
 * What coordinates are multiplied with before the solve. With a penalty the solution is unique, so every
 * column gets its own length; without one the shortest solution is wanted, so all get the same.
 */
function columnUnits(
  { data, size }: Matrices,
  i: number,
  { fold, mean, scales, alpha }: FoldScale & { readonly alpha: number },
): Float64Array {
  const squares = scales.map((scale, j) => {
    const square = data[(i * size + j) * size + j]! - fold.train.length * mean[j]! ** 2;
    return Math.max(0, square) / scale ** 2 + alpha;
  });
  const largest = squares.reduce((most, square) => Math.max(most, square), 0) || 1;
  return squares.map((square, j) => 1 / (scales[j]! * Math.sqrt(alpha > 0 ? square : largest)));
}

/** The same for fewer rows than features: w = S⁻¹ Aᵀ (A Aᵀ + alpha)⁺ y with A = X̃ S⁻¹. */
async function solveByRows(
  { sums }: FitInput,
  { batch, targets }: System,
  alpha: number,
): Promise<Weights> {
  const weights: Float64Array[][] = [];
  for (const { fold, mean, scales } of batch) {
    const rows = fold.train.length;
    const size = scales.length;
    const x = takeRows(sums.centred, fold.train);
    const transposed = new Float32Array(x.data.length); // Aᵀ: [features, rows]
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < size; j++) {
        transposed[j * rows + i] = (x.data[i * size + j]! - mean[j]!) / scales[j]!;
      }
    }
    const product = await momentsOfRows({ rows: size, columns: rows, data: transposed });
    let unit = alpha;
    for (let i = 0; i < rows; i++) {
      product[i * rows + i]! += alpha;
      unit = Math.max(unit, product[i * rows + i]!);
    }
    const system = product.map((value) => value / (unit || 1));
    const [inverse] = await pseudoInverses(
      { data: system.slice(), count: 1, size: rows },
      { tolerance: toleranceFor(alpha), rebuild: () => system.slice() },
    );
    weights.push(
      meanRow(targets, fold).map((targetMean, o) => {
        const y = Float64Array.from(
          fold.train,
          (row) => targets.data[row * targets.columns + o]! - targetMean,
        );
        const dual = inverse!(y.map((value) => value / (unit || 1)));
        return scales.map((scale, j) => {
          let sum = 0;
          for (let i = 0; i < rows; i++) sum += transposed[j * rows + i]! * dual[i]!;
          return sum / scale;
        });
      }),
    );
  }
  return weights;
}

/** Mean of every target column over the training rows. */
function meanRow({ columns, data }: Matrix, { train }: Fold): readonly number[] {
  return Array.from({ length: columns }, (_, o) => {
    let sum = 0;
    for (const row of train) sum += data[row * columns + o]!;
    return sum / train.length;
  });
}

const intercepts = (
  weights: readonly Float64Array[],
  mean: Float64Array,
  targetMeans: readonly number[],
) => weights.map((w, o) => w.reduce((rest, value, j) => rest - value * mean[j]!, targetMeans[o]!));
