/** @file Targets as numbers that a least-squares fit can approach. */

import type { Matrix } from "../array.ts";
import { outputsOf, type Task } from "./classifier.ts";

/** One column per output: +1 for the class and -1 for the others, or the regression target. */
export function numericTargets(task: Task): Matrix {
  if (task.kind === "regression") {
    return { rows: task.targets.length, columns: 1, data: task.targets };
  }
  const columns = outputsOf(task);
  const data = new Float32Array(task.targets.length * columns).fill(-1);
  task.targets.forEach((label, row) => {
    if (columns > 1) data[row * columns + label] = 1;
    else if (label === 1) data[row] = 1;
  });
  return { rows: task.targets.length, columns, data };
}
