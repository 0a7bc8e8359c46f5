/** @file Scores of predictors that look at no text: the majority class, or the mean of the training targets. */

import { argMax } from "./array.ts";
import type { Task } from "./classifiers/classifier.ts";
import type { Fold, Rows } from "./folds.ts";
import type { Metric } from "./metrics.ts";
import { scoreFold } from "./scoring.ts";

export type BaselineScore = {
  readonly name: "majority" | "mean";
  readonly metric: Metric;
  readonly fold: number;
  readonly value: number;
};

/** Scores per fold of the constant that is best on its training rows; metrics without a value are left out. */
export function baselineScores(rows: Rows, folds: readonly Fold[]): readonly BaselineScore[] {
  const task = taskOf(rows);
  const name = task.kind === "classification" ? "majority" : "mean";
  return folds.flatMap(({ train, test }, fold) => {
    const value = constantFor(task, train);
    const predictions =
      task.kind === "regression"
        ? { predicted: new Float32Array(test.length).fill(value), scores: null }
        : {
            predicted: new Int32Array(test.length).fill(value),
            scores: task.classes === 2 ? new Float32Array(test.length) : null,
          };
    return Object.entries(scoreFold(task, test, predictions)).flatMap(([metric, score]) =>
      score === null ? [] : [{ name, metric: metric as Metric, fold, value: score } as const],
    );
  });
}

function taskOf({ task, targets, classes }: Rows): Task {
  if (task === "regression") return { kind: task, targets: Float32Array.from(targets) };
  return { kind: task, targets: Int32Array.from(targets), classes };
}

/** The most frequent class (the first of equals), or the mean target. */
function constantFor(task: Task, train: Uint32Array): number {
  if (task.kind === "regression") {
    return train.reduce((sum, row) => sum + task.targets[row]!, 0) / train.length;
  }
  const counts = new Float64Array(task.classes);
  for (const row of train) counts[task.targets[row]!]! += 1;
  return argMax(counts);
}
