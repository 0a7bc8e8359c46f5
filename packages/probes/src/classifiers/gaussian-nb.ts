/** @file Gaussian naive Bayes: independent normal features within each class. */

import { z } from "zod";
import type { Matrix } from "../array.ts";
import { type ClassSums, classSums, oneHot } from "./class-sums.ts";
import { type Classifier, outputsOf } from "./classifier.ts";
import { scalesOf, trainSpreads } from "./fold-moments.ts";
import { ruleOption, withRule } from "./rule.ts";
import { scoreHeldOut } from "./score-rows.ts";

const options = z.strictObject({
  /** Share of the largest feature variance that is added to every variance. */
  smoothing: z.number().nonnegative().default(1e-9),
  /** Divide features by their deviation in the training rows. */
  standardise: z.boolean().default(false),
  rule: ruleOption,
});

/** Log density of class k at x: Σ_j precision_kj (x_j - mean_kj)² / -2 + constant_k. */
type Densities = {
  readonly means: Float64Array;
  readonly precisions: Float64Array;
  readonly constants: readonly number[];
};

export const gaussianNb: Classifier<z.infer<typeof options>> = {
  tasks: ["classification"],
  options,
  version: 1,
  blocks: true,
  async fit(input, { smoothing, standardise, rule }) {
    const { sums, folds, task } = input;
    if (task.kind !== "classification")
      throw new Error("internal: gaussian-nb of a regression task");
    const squares = sums.crossMoments(oneHot(task.targets, task.classes), folds, { squared: true });
    const spreads = trainSpreads(sums, folds);
    const densities = classSums(input).map((classes, i) => {
      const { variance } = spreads[i]!;
      const scales = scalesOf(spreads[i]!, standardise);
      const largest = variance.reduce((most, v, j) => Math.max(most, v / scales[j]! ** 2), 0);
      const added = scales.map((scale) => smoothing * largest * scale ** 2);
      return fitDensities(classes, squares[i]!, added);
    });
    const fits = scoreHeldOut(input, outputsOf(task), (fold, centred, rows) =>
      logJoint(centred, rows, densities[fold]!),
    );
    return withRule(input, fits, rule);
  },
};

function fitDensities(
  { rows, counts, means }: ClassSums,
  squares: Float64Array,
  added: Float64Array,
): Densities {
  const size = added.length;
  const precisions = new Float64Array(means.length);
  const constants = Array.from(counts, (count, k) => {
    if (count === 0) return -1e30; // a class the fold never saw is never predicted
    let logs = 0;
    for (let j = 0; j < size; j++) {
      const at = k * size + j;
      const variance = squares[at]! / count - means[at]! ** 2;
      const smoothed = Math.max(variance, 0) + added[j]!;
      precisions[at] = smoothed > 0 ? 1 / smoothed : 0;
      if (smoothed > 0) logs += Math.log(2 * Math.PI * smoothed);
    }
    return Math.log(count / rows) - logs / 2;
  });
  return { means, precisions, constants };
}

function logJoint(
  { columns, data }: Matrix,
  rows: Uint32Array,
  { means, precisions, constants }: Densities,
): Matrix {
  const classes = constants.length;
  const outputs = classes === 2 ? 1 : classes;
  const result = new Float32Array(rows.length * outputs);
  const logs = new Float64Array(classes);
  for (let i = 0; i < rows.length; i++) {
    const from = rows[i]! * columns;
    for (let k = 0; k < classes; k++) {
      let sum = 0;
      for (let j = 0; j < columns; j++) {
        const distance = data[from + j]! - means[k * columns + j]!;
        sum += precisions[k * columns + j]! * distance * distance;
      }
      logs[k] = constants[k]! - sum / 2;
    }
    if (outputs === 1) result[i] = logs[1]! - logs[0]!;
    else result.set(logs, i * classes);
  }
  return { rows: rows.length, columns: outputs, data: result };
}
