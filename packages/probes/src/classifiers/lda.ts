/** @file Linear discriminant analysis, with the rank rules of scikit-learn's svd solver. */

import { z } from "zod";
import { dot, symmetricEigen } from "../linear-algebra.ts";
import { type ClassSums, classSums } from "./class-sums.ts";
import type { Classifier } from "./classifier.ts";
import { foldBinary, type LinearModel, scoreLinear } from "./linear-scores.ts";
import { ruleOption, withRule } from "./rule.ts";
import { type WithinInverse, withinInverses } from "./within-covariance.ts";

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
  version: 2,
  blocks: true,
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

/**
 * Decision functions from the inverse covariance Σ⁺ and the class means: w_k = Σ⁺ δ_k with
 * δ_k = μ_k - μ, b_k = log π_k - δ_kᵀ w_k / 2 - μᵀ w_k, inside the span of the discriminants.
 */
function discriminants(
  inverse: WithinInverse,
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
  const whole = applyToShifts(inverse, prior, size);
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
  inverse: WithinInverse,
  prior: Float64Array,
  size: number,
): readonly Float64Array[] {
  const last = prior.findLastIndex((share) => share > 0);
  const applied = Array.from(prior, (share, k) =>
    k === last || share === 0
      ? new Float64Array(size)
      : inverse(prior.map((other, i) => (i === k ? 1 : 0) - other)),
  );
  const rest = new Float64Array(size);
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
