/** @file Quadratic discriminant analysis: a normal density with a covariance of its own for each class. */

import { z } from "zod";
import { DataError, type Matrix, takeRows } from "../array.ts";
import { factorAll } from "../factor.ts";
import type { Fold } from "../folds.ts";
import { cast, input, matMul, reduceSum, square, sub } from "../graph/index.ts";
import { invertFactor } from "../invert-factor.ts";
import { float32, float64, kernel } from "../kernels.ts";
import { createSums } from "../sums.ts";
import type { Classifier, FitInput } from "./classifier.ts";
import { scalesOf, trainSpreads } from "./fold-moments.ts";
import { ruleOption, withRule } from "./rule.ts";

const options = z.strictObject({
  /** Shrinks each covariance towards the identity: (1 - r) Σ + r I, as scikit-learn's reg_param. */
  regularisation: z.number().min(0).max(1).default(0),
  /** Divide features by their deviation in the training rows. */
  standardise: z.boolean().default(false),
  rule: ruleOption,
});
type Options = z.infer<typeof options>;

/** Log density at x is constant - |L⁻¹ (x - mean)|² / 2. */
type Density = {
  /** About the mean of all rows. */
  readonly mean: Float64Array;
  /** L⁻¹ [columns, columns] for the covariance L Lᵀ. */
  readonly inverse: Float64Array;
  readonly constant: number;
};

export const qda: Classifier<Options> = {
  tasks: ["classification"],
  options,
  version: 1,
  async fit(input, settings) {
    const { folds, task, sums } = input;
    if (task.kind !== "classification") throw new Error("internal: qda of a regression task");
    const outputs = task.classes === 2 ? 1 : task.classes;
    const held = folds.map(({ validation, test }) => ({
      validation: logs(validation, outputs),
      test: logs(test, outputs),
    }));
    for (let k = 0; k < task.classes; k++) {
      const densities = await densitiesOf(input, k, settings);
      for (const [f, density] of densities.entries()) {
        for (const part of ["validation", "test"] as const) {
          const found = await logDensities(sums.centred, folds[f]![part], density);
          const { data } = held[f]![part];
          found.forEach((value, i) => {
            if (outputs > 1) data[i * outputs + k] = value;
            else data[i]! += k === 1 ? value : -value;
          });
        }
      }
    }
    return withRule(input, held.map(single), settings.rule);
  },
};

type Logs = { readonly rows: number; readonly columns: number; readonly data: Float64Array };

const logs = (rows: Uint32Array, columns: number): Logs => ({
  rows: rows.length,
  columns,
  data: new Float64Array(rows.length * columns),
});

const single = ({ validation, test }: { readonly validation: Logs; readonly test: Logs }) => ({
  validation: { ...validation, data: Float32Array.from(validation.data) },
  test: { ...test, data: Float32Array.from(test.data) },
});

/** The density of one class in every fold, from second moments that the folds share; null where a fold lacks the class. */
async function densitiesOf(
  { sums, folds, task }: FitInput,
  label: number,
  { regularisation, standardise }: Options,
): Promise<readonly (Density | null)[]> {
  const own = Uint32Array.from(task.targets.keys()).filter((row) => task.targets[row] === label);
  const place = new Uint32Array(task.targets.length);
  own.forEach((row, i) => {
    place[row] = i;
  });
  const ownFolds = folds.map((fold): Fold => {
    const train = fold.train.filter((row) => task.targets[row] === label);
    const none = new Uint32Array();
    return { train: train.map((row) => place[row]!), validation: none, test: none };
  });
  const classSums = createSums(takeRows(sums.centred, own));
  const scales = trainSpreads(sums, folds).map((spread) => scalesOf(spread, standardise));
  const densities: (Density | null)[] = [];
  for (let start = 0; start < folds.length; start += classSums.foldsAtOnce) {
    const batch = ownFolds.slice(start, start + classSums.foldsAtOnce);
    const moments = await classSums.secondMoments(batch);
    const means = trainSpreads(classSums, batch);
    for (const [i, fold] of batch.entries()) {
      const f = start + i;
      const count = fold.train.length;
      if (count === 0) {
        densities.push(null);
        continue;
      }
      const { size } = moments;
      const covariance = new Float64Array(size * size);
      const { mean } = means[i]!;
      const scale = scales[f]!;
      for (let a = 0; a < size; a++) {
        const row = (i * size + a) * size;
        for (let b = 0; b <= a; b++) {
          const value = moments.data[row + b]! / count - mean[a]! * mean[b]!;
          covariance[a * size + b] = ((1 - regularisation) * value) / (scale[a]! * scale[b]!);
        }
        covariance[a * size + a]! += regularisation;
      }
      const { inverse, logDeterminant } = await invert(covariance, { size, count, label, fold: f });
      for (let a = 0; a < size; a++) {
        for (let b = 0; b <= a; b++) inverse[a * size + b]! /= scale[b]!;
      }
      const share = count / folds[f]!.train.length;
      densities.push({
        mean: mean.map((value, j) => value + classSums.mean[j]!),
        inverse,
        constant: Math.log(share) - logDeterminant / 2,
      });
    }
  }
  return densities;
}

type Place = {
  readonly size: number;
  readonly count: number;
  readonly label: number;
  readonly fold: number;
};

/** L⁻¹ and ln |Σ| of Σ = L Lᵀ; refuses a covariance that has no inverse, as scikit-learn does. */
async function invert(covariance: Float64Array, { size, count, label, fold }: Place) {
  const largest = Math.max(...Array.from({ length: size }, (_, j) => covariance[j * size + j]!));
  const factor = { data: covariance, count: 1, size };
  await factorAll(factor, 1e-12 * largest);
  let logDeterminant = 0;
  for (let j = 0; j < size; j++) {
    const pivot = covariance[j * size + j]!;
    if (pivot === 0) {
      throw new DataError(
        `qda: fold ${fold}: expected a covariance of full rank, but the ${count} training rows of class ${label} do not span ${size} features; set regularisation above 0`,
      );
    }
    logDeterminant += 2 * Math.log(pivot);
  }
  return { inverse: await invertFactor(factor), logDeterminant };
}

/** Rows whose distances are computed together. */
const rowsAtOnce = 4096;

/** Log of prior times density at each row; far below all others for a class that the fold never saw. */
async function logDensities(
  centred: Matrix,
  rows: Uint32Array,
  density: Density | null,
): Promise<Float64Array> {
  const found = new Float64Array(rows.length);
  if (density === null) return found.fill(-1e30);
  const { columns } = centred;
  const session = await kernel("qda", () => {
    const x = cast(input("x", ["rows", "columns"]), "float64");
    const mean = input("mean", [1, "columns"], "float64");
    const inverse = input("inverse", ["columns", "columns"], "float64");
    const y = matMul(sub(x, mean), inverse, { transposeB: true });
    return { distance: reduceSum(square(y), [1]) }; // [rows]
  });
  for (let start = 0; start < rows.length; start += rowsAtOnce) {
    const x = takeRows(centred, rows.subarray(start, start + rowsAtOnce));
    const { distance } = await session.run({
      x: float32(x.data, x.rows, columns),
      mean: float64(density.mean, 1, columns),
      inverse: float64(density.inverse, columns, columns),
    });
    (distance!.data as Float64Array).forEach((value, i) => {
      found[start + i] = density.constant - value / 2;
    });
  }
  return found;
}
