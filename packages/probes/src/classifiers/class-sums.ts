/** @file Counts and means of the classes in each fold's training rows. */

import { DataError, type Matrix } from "../array.ts";
import type { Fold } from "../folds.ts";
import type { FitInput } from "./classifier.ts";

export type ClassSums = {
  /** Training rows. */
  readonly rows: number;
  /** Training rows per class; 0 where the fold lacks the class. */
  readonly counts: Float64Array;
  /** Class means [classes, columns], about the mean of all rows; zero for a missing class. */
  readonly means: Float64Array;
};

/** Class sums of every fold; refuses a fold whose training rows have a single class. */
export function classSums({ sums, task, folds }: FitInput): readonly ClassSums[] {
  if (task.kind !== "classification") throw new Error("internal: class sums of a regression task");
  const { targets, classes } = task;
  const means = sums.crossMoments(oneHot(targets, classes), folds);
  return folds.map((fold, i) => {
    const counts = countClasses(fold, targets, classes);
    requireTwoClasses(counts, i);
    const columns = sums.centred.columns;
    const scaled = means[i]!.map((sum, at) => {
      const count = counts[Math.floor(at / columns)]!;
      return count === 0 ? 0 : sum / count;
    });
    return { rows: fold.train.length, counts, means: scaled };
  });
}

function countClasses({ train }: Fold, targets: Int32Array, classes: number): Float64Array {
  const counts = new Float64Array(classes);
  for (const row of train) counts[targets[row]!]! += 1;
  return counts;
}

/** Training on one class teaches nothing. */
export function requireTwoClasses(counts: Float64Array, fold: number): void {
  const present = counts.filter((count) => count > 0).length;
  if (present < 2) {
    throw new DataError(`fold ${fold}: expected at least 2 classes to train on, got ${present}`);
  }
}

/** One column per class, 1 for the row's own. */
export function oneHot(targets: Int32Array, classes: number): Matrix {
  const data = new Float32Array(targets.length * classes);
  targets.forEach((label, row) => {
    data[row * classes + label] = 1;
  });
  return { rows: targets.length, columns: classes, data };
}
