/** @file Linear discriminant analysis, with the rank rules of scikit-learn's svd solver. */

import { z } from "zod";
import { type Matrix, takeRows } from "../array.ts";
import type { Matrices } from "../factor.ts";
import type { Fold } from "../folds.ts";
import { symmetricEigen } from "../linear-algebra.ts";
import { momentsOfRows } from "../moments.ts";
import { type PseudoInverse, pseudoInverses } from "../pseudo-inverse.ts";
import { type ClassSums, classSums } from "./class-sums.ts";
import type { Classifier, FitInput } from "./classifier.ts";
import { foldBinary, type LinearModel, scoreLinear } from "./linear-scores.ts";
import { ruleOption, withRule } from "./rule.ts";

const options = z.strictObject({
  /** Directions whose within-class deviation is below this share of their features' are left out. */
  tolerance: z.number().positive().default(1e-4),
  /** Discriminants are the same for standardised features, so this changes nothing. */
  standardise: z.boolean().default(false),
  rule: ruleOption,
});
type Options = z.infer<typeof options>;

export const lda: Classifier<Options> = {
  tasks: ["classification"],
  options,
  version: 1,
  async fit(input, { tolerance, rule }) {
    const classes = classSums(input);
    const models: LinearModel[] = [];
    for (let start = 0; start < input.folds.length; start += input.sums.foldsAtOnce) {
      const end = Math.min(start + input.sums.foldsAtOnce, input.folds.length);
      const batch = { folds: input.folds.slice(start, end), classes: classes.slice(start, end) };
      const inverses = await withinInverses(input, batch, tolerance);
      inverses.forEach((inverse, i) => {
        models.push(discriminants(inverse, batch.classes[i]!, tolerance));
      });
    }
    return withRule(input, scoreLinear(input, models.map(foldBinary)), rule);
  },
};

type Batch = { readonly folds: readonly Fold[]; readonly classes: readonly ClassSums[] };

/** Pseudo-inverses of the covariance within the classes, one per fold. */
async function withinInverses(
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

/**
 * Decision functions from the inverse covariance Σ⁺ and the class means: w_k = Σ⁺ δ_k with
 * δ_k = μ_k - μ, b_k = log π_k - δ_kᵀ w_k / 2 - μᵀ w_k, inside the span of the discriminants.
 */
function discriminants(
  inverse: PseudoInverse,
  { rows, counts, means }: ClassSums,
  tolerance: number,
): LinearModel {
  const classes = counts.length;
  const size = means.length / classes;
  const prior = counts.map((count) => count / rows);
  const mean = new Float64Array(size);
  for (let k = 0; k < classes; k++) {
    for (let j = 0; j < size; j++) mean[j]! += prior[k]! * means[k * size + j]!;
  }
  const shifts = Array.from({ length: classes }, (_, k) =>
    prior[k] === 0 ? new Float64Array(size) : mean.map((value, j) => means[k * size + j]! - value),
  );
  const whole = applyToShifts(inverse, shifts, prior);
  const directions = withinSpan(whole, { shifts, prior, tolerance });
  return {
    weights: directions,
    intercepts: directions.map((w, k) => {
      if (prior[k] === 0) return -1e30; // a class the fold never saw is never predicted
      return Math.log(prior[k]!) - dot(shifts[k]!, w) / 2 - dot(mean, w);
    }),
  };
}

/** Σ⁺ δ_k; the shifts add up to zero, weighted by the priors, so that the last follows from the others. */
function applyToShifts(
  inverse: PseudoInverse,
  shifts: readonly Float64Array[],
  prior: Float64Array,
): readonly Float64Array[] {
  const last = prior.findLastIndex((share) => share > 0);
  const applied = shifts.map((shift, k) => (k === last || prior[k] === 0 ? shift : inverse(shift)));
  const rest = new Float64Array(shifts[last]!.length);
  applied.forEach((w, k) => {
    const factor = k === last ? 0 : prior[k]! / prior[last]!;
    if (factor !== 0) for (let j = 0; j < rest.length; j++) rest[j]! -= factor * w[j]!;
  });
  return applied.map((w, k) => (k === last ? rest : w));
}

type Span = {
  readonly shifts: readonly Float64Array[];
  readonly prior: Float64Array;
  readonly tolerance: number;
};

/**
 * Leaves out discriminants whose singular value is below tolerance times the largest: with
 * M = P^½ G P^½, G = δᵀ Σ⁺ δ, and E its kept eigenvectors, W ← W P^½ E Λ⁻¹ Eᵀ P^½ G.
 */
function withinSpan(
  weights: readonly Float64Array[],
  { shifts, prior, tolerance }: Span,
): readonly Float64Array[] {
  const classes = weights.length;
  if (classes === 2) return weights; // the only discriminant is never left out
  const g = new Float64Array(classes * classes);
  const m = new Float64Array(classes * classes);
  for (let a = 0; a < classes; a++) {
    for (let b = 0; b < classes; b++) {
      g[a * classes + b] = dot(shifts[a]!, weights[b]!);
      m[a * classes + b] = g[a * classes + b]! * Math.sqrt(prior[a]! * prior[b]!);
    }
  }
  const { values, vectors } = symmetricEigen(m, classes);
  const largest = values[classes - 1]!;
  const kept = Array.from(values.keys()).filter((q) => values[q]! > tolerance ** 2 * largest);
  const present = prior.filter((share) => share > 0).length;
  if (kept.length >= present - 1) return weights;
  return weights.map((w, k) => {
    const out = new Float64Array(w.length);
    for (const q of kept) {
      let along = 0;
      for (let a = 0; a < classes; a++) {
        along += vectors[q * classes + a]! * Math.sqrt(prior[a]!) * g[a * classes + k]!;
      }
      along /= values[q]!;
      for (let a = 0; a < classes; a++) {
        const factor = along * vectors[q * classes + a]! * Math.sqrt(prior[a]!);
        for (let j = 0; j < out.length; j++) out[j]! += factor * weights[a]![j]!;
      }
    }
    return out;
  });
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
