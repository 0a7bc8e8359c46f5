/** @file Linear support vector machine: squared hinge loss, one class against the rest, all folds descending together. */

import { z } from "zod";
import { takeRows } from "../array.ts";
import { factorAll } from "../factor.ts";
import { invertFactor } from "../invert-factor.ts";
import { float32, kernel } from "../kernels.ts";
import { type Evaluation, minimiseAll } from "../minimise.ts";
import { type Classifier, type FitInput, type FoldFit, outputsOf } from "./classifier.ts";
import { type Spread, scalesOf, trainSpreads } from "./fold-moments.ts";
import { linearModels, scoreLinear } from "./linear-scores.ts";
import { linearSvmGraph } from "./linear-svm-graph.ts";
import { trainingMask } from "./logistic.ts";
import { ruleOption, withRule } from "./rule.ts";

const options = z.strictObject({
  /** Inverse weight of the penalty: C Σ loss + |w|² / 2 + intercept² / 2, as in scikit-learn's LinearSVC. */
  c: z.number().positive().default(1),
  /** Largest slope at which a fold has converged, in the units that logistic has. */
  tolerance: z.number().positive().default(1e-5),
  /** Evaluations of loss and gradient before a fold is flagged as not converged. */
  iterations: z.int().positive().default(1000),
  /** Divide features by their deviation in the training rows. */
  standardise: z.boolean().default(false),
  rule: ruleOption,
});
type Options = z.infer<typeof options>;

/** Margins held at once: rows times folds times outputs. */
const marginsLimit = 2 ** 25;

/** A converged fold is this close to its minimum. */
const decrement = 1e-10;

/** The loss's second derivative where a margin is short. */
const curvature = 2;

export const linearSvm: Classifier<Options> = {
  tasks: ["classification"],
  options,
  version: 1,
  async fit(input, settings) {
    const { folds, features, task } = input;
    const atOnce = Math.max(1, Math.floor(marginsLimit / (features.rows * outputsOf(task))));
    const fits: FoldFit[] = [];
    for (let start = 0; start < folds.length; start += atOnce) {
      const batch = { ...input, folds: folds.slice(start, start + atOnce) };
      fits.push(...(await fitBatch(batch, settings)));
    }
    return withRule(input, fits, settings.rule);
  },
};

async function fitBatch(input: FitInput, settings: Options): Promise<readonly FoldFit[]> {
  const { folds, task, sums } = input;
  if (task.kind !== "classification") throw new Error("internal: linear-svm of a regression task");
  const { c, tolerance, iterations } = settings;
  const outputs = outputsOf(task);
  const size = sums.centred.columns;
  const dims = outputs * (size + 1);
  const all = folds.length * outputs;
  const { rows, mask } = trainingMask(folds, task);
  const x = takeRows(sums.centred, rows);
  const signs = Float32Array.from({ length: rows.length * outputs }, (_, at) => {
    const label = task.targets[rows[Math.floor(at / outputs)]!]!;
    return label === (outputs === 1 ? 1 : at % outputs) ? 1 : -1;
  });
  const problems = penaltiesOf(input, settings);
  const { p, units } = await preconditioner(input, problems[0]!);
  const perOutput = (values: (f: number) => ArrayLike<number>) => {
    const data = new Float32Array(all * size);
    for (let i = 0; i < all; i++) data.set(values(Math.floor(i / outputs)), i * size);
    return float32(data, all, size);
  };
  const session = await kernel(`linear-svm ${folds.length} ${outputs}`, () =>
    linearSvmGraph(folds.length, outputs),
  );
  const shrink = Float32Array.from(
    { length: all },
    (_, i) => problems[Math.floor(i / outputs)]!.shrink,
  );
  const fixed = {
    x: float32(x.data, x.rows, size),
    y: float32(signs, x.rows, 1, outputs),
    m: float32(mask, x.rows, folds.length, 1),
    penalty: perOutput((f) => problems[f]!.penalty),
    offset: perOutput((f) => problems[f]!.offset),
    shrink: float32(shrink, 1, all),
    p: float32(p, size, size),
    units: float32(units, 1, size),
  };
  const biasScale = 1 / Math.sqrt(curvature);
  let weights = new Float32Array(0);

  const evaluate = async (positions: readonly Float64Array[]): Promise<readonly Evaluation[]> => {
    const u = new Float32Array(all * size);
    const bias = new Float32Array(all);
    positions.forEach((position, f) => {
      u.set(position.subarray(0, outputs * size), f * outputs * size);
      for (let k = 0; k < outputs; k++) {
        bias[f * outputs + k] = position[outputs * size + k]! * biasScale;
      }
    });
    const found = await session.run({
      ...fixed,
      u: float32(u, all, size),
      bias: float32(bias, 1, all),
    });
    weights = found.weights!.data as Float32Array<ArrayBuffer>;
    const numbers = (name: string) => found[name]!.data as Float32Array | Float64Array;
    return positions.map((_, f) => {
      const gradient = new Float64Array(dims);
      gradient.set(numbers("gradient").subarray(f * outputs * size, (f + 1) * outputs * size));
      let largest = 0;
      for (let k = 0; k < outputs; k++) {
        const slope = numbers("biasGradient")[f * outputs + k]! * biasScale;
        gradient[outputs * size + k] = slope;
        largest = Math.max(largest, Math.abs(slope), numbers("steepest")[f * outputs + k]!);
      }
      const squared = gradient.reduce((sum, value) => sum + value * value, 0);
      return {
        value: numbers("loss")[f]! + numbers("shrinkage")[f]! / 2,
        gradient,
        converged: largest <= tolerance && squared / 2 <= decrement,
        nearly: squared / 2 <= 1000 * decrement,
      };
    });
  };

  const starts = folds.map(() => new Float64Array(dims));
  const minima = await minimiseAll(starts, evaluate, { iterations });
  await evaluate(minima.map(({ position }) => position));
  const models = linearModels(minima, { weights, outputs, size, biasScale });
  return scoreLinear(input, models).map((fit, f) => ({
    ...fit,
    objective: minima[f]!.value * c * folds[f]!.train.length,
    flags: minima[f]!.converged ? [] : ["not converged"],
  }));
}

/** How one fold is penalised, in coordinates about the mean of all rows. */
type Penalty = {
  /** Weight of each squared coefficient: s² / (C n) for features that are divided by s. */
  readonly penalty: Float64Array;
  /** Weight of the squared intercept. */
  readonly shrink: number;
  /** The intercept that is penalised, that of the features as they are given, is bias + w · offset. */
  readonly offset: Float64Array;
};

function penaltiesOf({ sums, folds }: FitInput, { c, standardise }: Options): readonly Penalty[] {
  return trainSpreads(sums, folds).map((spread: Spread, f) => {
    const shrink = 1 / (c * folds[f]!.train.length);
    return {
      penalty: scalesOf(spread, standardise).map((scale) => scale ** 2 * shrink),
      shrink,
      offset: standardise ? spread.mean : sums.mean.map((value) => -value),
    };
  });
}

/** A matrix P with which the largest possible curvature of w = u P is about the identity, and the units of its diagonal. */
async function preconditioner(
  { sums }: FitInput,
  { penalty, shrink, offset }: Penalty,
): Promise<{ readonly p: Float32Array; readonly units: Float32Array }> {
  const { rows, columns: size } = sums.centred;
  const data = (await sums.allMoments()).slice();
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      const at = i * size + j;
      data[at] = (data[at]! * curvature) / rows + shrink * offset[i]! * offset[j]!;
    }
    data[i * size + i]! += penalty[i]!;
  }
  const units = Float32Array.from({ length: size }, (_, j) => 1 / Math.sqrt(data[j * size + j]!));
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) data[i * size + j]! *= units[i]! * units[j]!;
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
