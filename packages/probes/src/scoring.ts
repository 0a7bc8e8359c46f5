/** @file From the outputs of a fitted fold to predictions and scores. */

import { argMax, type Matrix, take } from "./array.ts";
import type { FoldFit, Task } from "./classifiers/classifier.ts";
import * as m from "./metrics.ts";
import { applyRule } from "./thresholds.ts";

/** Predictions for the test rows of a fold, in their order. */
export type Predictions = {
  /** Class numbers, or values for regression. */
  readonly predicted: Int32Array | Float32Array;
  /** Score of class 1 per row, larger is likelier; null unless there are two classes. */
  readonly scores: Float32Array | null;
  /** Classes as the threshold for F1 has them, where it differs from the one for accuracy. */
  readonly predictedForF1?: Int32Array;
};

/** What the outputs of a fold predict. */
export function predictFold(task: Task, { test, thresholds }: FoldFit): Predictions {
  if (task.kind === "regression") return { predicted: test.data, scores: null };
  if (task.classes !== 2) return { predicted: largestOutputs(test), scores: null };
  if (thresholds === undefined) {
    return { predicted: applyRule({ above: 0 }, test.data), scores: test.data };
  }
  return {
    predicted: applyRule(thresholds.accuracy, test.data),
    predictedForF1: applyRule(thresholds.f1, test.data),
    scores: test.data,
  };
}

function largestOutputs({ rows, columns, data }: Matrix): Int32Array {
  return Int32Array.from({ length: rows }, (_, i) => argMax(data, i * columns, (i + 1) * columns));
}

/** Every metric of the task; null for one that has no value on these rows. */
export function scoreFold(
  task: Task,
  rows: Uint32Array,
  { predicted, scores, predictedForF1 }: Predictions,
): Readonly<Partial<Record<m.Metric, number | null>>> {
  if (task.kind === "regression") {
    const truth = take(task.targets, rows);
    return {
      mse: m.mse(truth, predicted),
      r2: m.r2(truth, predicted),
      pearson: m.pearson(truth, predicted),
      spearman: m.spearman(truth, predicted),
    };
  }
  const { classes } = task;
  const truth = take(task.targets, rows);
  return {
    accuracy: m.accuracy(truth, predicted),
    ...(classes === 2 ? { f1: m.f1(truth, predictedForF1 ?? predicted) } : {}),
    macroF1: m.macroF1(truth, predicted, classes),
    balancedAccuracy: m.balancedAccuracy(truth, predicted, classes),
    matthews: m.matthews(truth, predicted, classes),
    ...(scores === null ? {} : { auc: m.auc(truth, scores) }),
  };
}
