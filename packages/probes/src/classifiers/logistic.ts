/** @file Logistic regression with an L2 penalty: binary or multinomial, all folds descending together. */

import { z } from "zod";
import { type Matrix, takeRows } from "../array.ts";
import { factorAll } from "../factor.ts";
import type { Fold } from "../folds.ts";
import { input, matMul, type Tensor } from "../graph/index.ts";
import { invertFactor } from "../invert-factor.ts";
import { float32, kernel } from "../kernels.ts";
import { type Evaluation, type Minimum, minimiseAll } from "../minimise.ts";
import { oneHot, requireTwoClasses } from "./class-sums.ts";
import { type Classifier, type FitInput, type FoldFit, outputsOf } from "./classifier.ts";
import { trainScales } from "./fold-moments.ts";
import { linearModels, scoreLinear } from "./linear-scores.ts";
import { fitLogisticBlocks } from "./logistic-blocks.ts";
import { logisticGraph } from "./logistic-graph.ts";
import { ruleOption, withRule } from "./rule.ts";

const options = z.strictObject({
  /** Inverse weight of the penalty: C Σ loss + |w|² / 2, the intercept free, as in scikit-learn. */
  c: z.number().positive().default(1),
  /**
   * Largest slope of mean loss + |w|² / (2 C n) at which a fold has converged, each coordinate in units of
   * the root of its largest possible curvature, so that the scale of a feature does not matter.
   */
  tolerance: z.number().positive().default(1e-5),
  /** Evaluations of loss and gradient before a fold is flagged as not converged. */
  iterations: z.int().positive().default(500),
  /** Divide features by their deviation in the training rows. */
  standardise: z.boolean().default(false),
  rule: ruleOption,
});
export type LogisticOptions = z.infer<typeof options>;
type Options = LogisticOptions;

/** Added to a unit diagonal: more than the rounding of rough moments can take off an eigenvalue. */
const roughness = 1e-5;

/** Logits held at once: rows times folds times outputs. */
const logitsLimit = 2 ** 25;

/** A converged fold is this close to its minimum: half the squared gradient where the Hessian is about 1. */
export const decrement = 1e-10;

export const logistic: Classifier<Options> = {
  tasks: ["classification"],
  options,
  version: 1,
  blocks: true,
  async fit(input, settings) {
    const { folds, task, features, sums } = input;
    if (sums.blocks !== undefined) return await fitLogisticBlocks(input, settings);
    const perFold = features.rows * outputsOf(task);
    const atOnce = Math.max(1, Math.floor(logitsLimit / perFold));
    const rounding = await preconditioner(input, settings);
    const fits: FoldFit[] = [];
    for (let start = 0; start < folds.length; start += atOnce) {
      const batch = { ...input, folds: folds.slice(start, start + atOnce) };
      fits.push(...(await fitBatch(batch, settings, rounding)));
    }
    return withRule(input, fits, settings.rule);
  },
};

async function fitBatch(
  input: FitInput,
  { c, tolerance, iterations, standardise }: Options,
  { p, units }: Preconditioner,
): Promise<readonly FoldFit[]> {
  const { folds, task, sums } = input;
  if (task.kind !== "classification") throw new Error("internal: logistic of a regression task");
  const outputs = outputsOf(task);
  const size = sums.centred.columns;
  const dims = outputs * (size + 1);
  const labels = oneHot(task.targets, task.classes);
  const { rows, mask } = trainingMask(folds, task);
  const taken = (all: Matrix) => (rows.length === all.rows ? all : takeRows(all, rows));
  const x = taken(sums.centred);
  const y = taken(outputs === 1 ? lastColumn(labels) : labels);
  const scales = trainScales(sums, folds, standardise);
  const penalty = penalties(folds, scales, { c, outputs });
  const session = await kernel(`logistic ${folds.length} ${outputs}`, () =>
    logisticGraph(folds.length, outputs),
  );
  const all = folds.length * outputs;
  const biasScale = 1 / Math.sqrt(curvature(outputs));
  const fixed = {
    x: float32(x.data, x.rows, size),
    y: float32(y.data, y.rows, outputs),
    m: float32(mask, rows.length, folds.length),
    penalty: float32(penalty, all, size),
    p: float32(p, size, size),
    units: float32(units, 1, size),
  };

  const evaluate = async (positions: readonly Float64Array[]): Promise<readonly Evaluation[]> => {
    const u = new Float32Array(all * size);
    const bias = new Float32Array(all);
    positions.forEach((position, f) => {
      u.set(position.subarray(0, outputs * size), f * outputs * size);
      for (let k = 0; k < outputs; k++)
        bias[f * outputs + k] = position[outputs * size + k]! * biasScale;
    });
    const found = await session.run({
      ...fixed,
      u: float32(u, all, size),
      bias: float32(bias, 1, all),
    });
    const loss = found.loss!.data as Float64Array;
    const shrinkage = found.shrinkage!.data as Float64Array;
    const slopes = found.gradient!.data as Float32Array;
    const biasSlopes = found.biasGradient!.data as Float32Array;
    const steepest = found.steepest!.data as Float32Array;
    return positions.map((_, f) => {
      const gradient = new Float64Array(dims);
      gradient.set(slopes.subarray(f * outputs * size, (f + 1) * outputs * size));
      let largest = 0;
      for (let k = 0; k < outputs; k++) {
        const slope = biasSlopes[f * outputs + k]!;
        gradient[outputs * size + k] = slope * biasScale;
        largest = Math.max(largest, Math.abs(slope * biasScale), steepest[f * outputs + k]!);
      }
      const squared = gradient.reduce((sum, value) => sum + value * value, 0);
      return {
        value: loss[f]! + shrinkage[f]! / 2,
        gradient,
        converged: largest <= tolerance && squared / 2 <= decrement,
        nearly: squared / 2 <= 1000 * decrement,
      };
    });
  };

  const starts = folds.map(() => new Float64Array(dims));
  const minima = await minimiseAll(starts, evaluate, { iterations });
  const weights = await weightsOf(minima, { p: fixed.p, all });
  const models = linearModels(minima, { weights, outputs, size, biasScale });
  return scoreLinear(input, models).map((fit, f) => ({
    ...fit,
    objective: minima[f]!.value,
    flags: minima[f]!.converged ? [] : ["not converged"],
  }));
}

/** w = u P of every minimum: [folds · outputs, columns]. */
async function weightsOf(
  minima: readonly Minimum[],
  { p, all }: { readonly p: Tensor; readonly all: number },
): Promise<Float32Array> {
  const size = p.shape[0]!;
  const u = new Float32Array(all * size);
  const perFold = u.length / minima.length;
  minima.forEach(({ position }, f) => {
    u.set(position.subarray(0, perFold), f * perFold);
  });
  const session = await kernel("logistic weights", () => ({
    weights: matMul(input("u", ["outputs", "columns"]), input("p", ["columns", "columns"])),
  }));
  const { weights } = await session.run({ u: float32(u, all, size), p });
  return weights!.data as Float32Array;
}

/** Upper bound of the loss's second derivative along one logit (Böhning 1992). */
export const curvature = (outputs: number) => (outputs === 1 ? 1 / 4 : 1 / 2);

type Preconditioner = {
  /** [columns, columns]: with w = u P, the curvature bound of all rows plus the penalty is the identity. */
  readonly p: Float32Array;
  /** One over the root of that bound's diagonal. */
  readonly units: Float32Array;
};

export async function preconditioner(
  { sums, folds, task }: FitInput,
  { c, standardise }: Options,
): Promise<Preconditioner> {
  const { rows, columns: size } = sums.centred;
  const data = (await sums.roughMoments()).slice();
  const scales = trainScales(sums, folds, standardise);
  const bound = curvature(outputsOf(task)) / rows;
  const lambda = 1 / (c * folds[0]!.train.length);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) data[i * size + j]! *= bound;
    data[i * size + i]! += lambda * scales[0]![i]! ** 2;
  }
  const units = Float32Array.from({ length: size }, (_, j) => 1 / Math.sqrt(data[j * size + j]!));
  // Scaled to a unit diagonal first: features of very different sizes would drown each other.
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) data[i * size + j]! *= units[i]! * units[j]!;
    data[i * size + i]! += roughness;
  }
  const factor = { data, count: 1, size };
  await factorAll(factor, 1e-12);
  const inverse = await invertFactor(factor);
  const p = new Float32Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) p[i * size + j] = inverse[i * size + j]! * units[j]!;
  }
  return { p, units };
}

type Labels = { readonly targets: Int32Array; readonly classes: number };

/** The rows that any fold trains on, and each fold's weight for them: 1/n on its own rows. */
export function trainingMask(folds: readonly Fold[], { targets, classes }: Labels) {
  const used = new Uint8Array(targets.length);
  folds.forEach(({ train }, f) => {
    const counts = new Float64Array(classes);
    for (const row of train) {
      used[row] = 1;
      counts[targets[row]!]! += 1;
    }
    requireTwoClasses(counts, f);
  });
  const rows = Uint32Array.from(used.keys()).filter((row) => used[row] === 1);
  const place = new Uint32Array(targets.length);
  rows.forEach((row, i) => {
    place[row] = i;
  });
  const mask = new Float32Array(rows.length * folds.length);
  folds.forEach(({ train }, f) => {
    for (const row of train) mask[place[row]! * folds.length + f] = 1 / train.length;
  });
  return { rows, mask };
}

/** Weight of each squared coefficient: 1 / (C n), in units of the standardised features where asked. */
export function penalties(
  folds: readonly Fold[],
  scales: readonly Float64Array[],
  { c, outputs }: { readonly c: number; readonly outputs: number },
): Float32Array {
  const size = scales[0]!.length;
  const penalty = new Float32Array(folds.length * outputs * size);
  folds.forEach(({ train }, f) => {
    for (let k = 0; k < outputs; k++) {
      const start = (f * outputs + k) * size;
      for (let j = 0; j < size; j++) penalty[start + j] = scales[f]![j]! ** 2 / (c * train.length);
    }
  });
  return penalty;
}

function lastColumn({ rows, columns, data }: Matrix): Matrix {
  const last = Float32Array.from({ length: rows }, (_, i) => data[i * columns + columns - 1]!);
  return { rows, columns: 1, data: last };
}
