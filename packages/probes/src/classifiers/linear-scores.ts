/** @file Outputs of linear classifiers: one weight vector per output, for each fold's held-out rows. */

import type { Matrix } from "../array.ts";
import type { Minimum } from "../minimise.ts";
import type { FitInput, FoldFit } from "./classifier.ts";
import { scoreHeldOut } from "./score-rows.ts";

/** Output o of a row x is Σ_j weights[o][j] x_j + intercepts[o], x taken about the mean of all rows. */
export type LinearModel = {
  readonly weights: readonly Float64Array[];
  readonly intercepts: readonly number[];
};

type Solved = {
  /** Of every fold's outputs in turn: [folds · outputs, size]. */
  readonly weights: Float32Array;
  readonly outputs: number;
  readonly size: number;
  /** An intercept is its coordinate, which comes after those of the weights, times this. */
  readonly biasScale: number;
};

/** The model of each fold's minimum. */
export function linearModels(
  minima: readonly Pick<Minimum, "position">[],
  { weights, outputs, size, biasScale }: Solved,
): readonly LinearModel[] {
  return minima.map(({ position }, f) => ({
    weights: Array.from({ length: outputs }, (_, k) => {
      const start = (f * outputs + k) * size;
      return Float64Array.from(weights.subarray(start, start + size));
    }),
    intercepts: Array.from(
      { length: outputs },
      (_, k) => position[outputs * size + k]! * biasScale,
    ),
  }));
}

/** Scores the validation and test rows of every fold with its model. */
export function scoreLinear(
  input: Pick<FitInput, "sums" | "folds">,
  models: readonly LinearModel[],
): readonly FoldFit[] {
  return scoreHeldOut(input, models[0]?.weights.length ?? 1, (fold, centred, rows) =>
    linearOutputs(centred, rows, models[fold]!),
  );
}

function linearOutputs(
  { columns, data }: Matrix,
  rows: Uint32Array,
  { weights, intercepts }: LinearModel,
): Matrix {
  const outputs = weights.length;
  const result = new Float32Array(rows.length * outputs);
  for (let o = 0; o < outputs; o++) {
    const w = weights[o]!;
    for (let i = 0; i < rows.length; i++) {
      const from = rows[i]! * columns;
      let even = 0;
      let odd = intercepts[o]!;
      for (let j = 1; j < columns; j += 2) {
        even += w[j - 1]! * data[from + j - 1]!;
        odd += w[j]! * data[from + j]!;
      }
      if (columns % 2 === 1) even += w[columns - 1]! * data[from + columns - 1]!;
      result[i * outputs + o] = even + odd;
    }
  }
  return { rows: rows.length, columns: outputs, data: result };
}

/** With two classes only the difference of the outputs counts: positive means class 1. */
export function foldBinary({ weights, intercepts }: LinearModel): LinearModel {
  if (weights.length !== 2) return { weights, intercepts };
  return {
    weights: [weights[1]!.map((value, j) => value - weights[0]![j]!)],
    intercepts: [intercepts[1]! - intercepts[0]!],
  };
}
