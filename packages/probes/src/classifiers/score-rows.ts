/** @file Scores of every fold's held-out rows, from features in memory or in one pass over their blocks. */

import type { Matrix } from "../array.ts";
import { centredBlocks, rowList, rowsWithin } from "../row-blocks.ts";
import type { FitInput, FoldFit } from "./classifier.ts";

/** Outputs of some rows of a matrix (features about the mean of all rows) by a fold's model. */
export type ScoreRows = (fold: number, centred: Matrix, rows: Uint32Array) => Matrix;

/** Scores the validation and test rows of every fold; `outputs` is the number of columns that `score` gives. */
export function scoreHeldOut(
  { sums, folds }: Pick<FitInput, "sums" | "folds">,
  outputs: number,
  score: ScoreRows,
): readonly FoldFit[] {
  if (sums.blocks === undefined) {
    return folds.map(({ validation, test }, f) => ({
      validation: score(f, sums.centred, validation),
      test: score(f, sums.centred, test),
    }));
  }
  const parts = folds.flatMap(({ validation, test }, fold) =>
    [validation, test].map((rows) => ({
      fold,
      list: rowList(rows),
      outputs: {
        rows: rows.length,
        columns: outputs,
        data: new Float32Array(rows.length * outputs),
      },
    })),
  );
  for (const block of centredBlocks(sums.blocks, sums.mean)) {
    for (const part of parts) {
      const { rows, places } = rowsWithin(part.list, block);
      if (rows.length === 0) continue;
      const { data } = score(part.fold, block.matrix, rows);
      places.forEach((place, i) => {
        for (let o = 0; o < outputs; o++)
          part.outputs.data[place * outputs + o] = data[i * outputs + o]!;
      });
    }
  }
  return folds.map((_, f) => ({
    validation: parts[2 * f]!.outputs,
    test: parts[2 * f + 1]!.outputs,
  }));
}
