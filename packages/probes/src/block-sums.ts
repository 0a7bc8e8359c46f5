/** @file The sums that closed-form classifiers share, of features that are read in blocks. */

import type { Matrix } from "./array.ts";
import type { Matrices } from "./factor.ts";
import type { Fold } from "./folds.ts";
import { createMoments } from "./moments.ts";
import {
  centredBlocks,
  type RowSource,
  rowList,
  rowsWithin,
  sourceMeans,
  unloaded,
} from "./row-blocks.ts";
import {
  addCrossMoment,
  chooseSides,
  complement,
  foldsWithin,
  keepTraining,
  type Sums,
  sameFolds,
  sumOf,
} from "./sums.ts";

/** As `createSums`; every sum is one pass over the source, and the numbers are those of `createSums` but for the order of adding. */
export function createBlockSums(source: RowSource): Sums {
  const mean = sourceMeans(source);
  const { columns } = source;
  let whole: Promise<Float64Array> | null = null;
  const allMoments = () => {
    whole ??= (async () => {
      const into = new Float64Array(columns ** 2);
      await addMoments(source, mean, [{ rows: complement([], source.rows), into }]);
      return into;
    })();
    return whole;
  };
  let latest: { folds: readonly Fold[]; result: Promise<Matrices> } | null = null;
  return {
    mean,
    centred: unloaded(source),
    blocks: source,
    foldsAtOnce: foldsWithin(columns),
    allMoments,
    roughMoments: allMoments, // reading takes as long as the exact product
    secondMoments(folds) {
      if (latest === null || !sameFolds(latest.folds, folds)) {
        latest = { folds, result: trainMoments(source, mean, { folds, allMoments }) };
      }
      return latest.result;
    },
    crossMoments: (weights, folds, { squared = false } = {}) =>
      trainCrossMoments(source, mean, { weights, folds, squared }),
  };
}

type Part = { readonly rows: Uint32Array; readonly into: Float64Array };

/** Adds Σ x xᵀ over each list of rows, lower triangles. */
async function addMoments(
  source: RowSource,
  mean: Float64Array,
  parts: readonly Part[],
): Promise<void> {
  const ordered = parts.map(({ rows }) => rowList(rows));
  for (const block of centredBlocks(source, mean)) {
    const moments = createMoments(block.matrix);
    for (const [i, list] of ordered.entries()) {
      await moments.add(rowsWithin(list, block).rows, parts[i]!.into);
    }
  }
}

type Training = {
  readonly folds: readonly Fold[];
  readonly allMoments: () => Promise<Float64Array>;
};

async function trainMoments(
  source: RowSource,
  mean: Float64Array,
  { folds, allMoments }: Training,
): Promise<Matrices> {
  const size = source.columns;
  const data = new Float64Array(folds.length * size * size);
  const perFold = folds.map((_, i) => data.subarray(i * size * size, (i + 1) * size * size));
  const { sides, partition } = chooseSides(folds, source.rows);
  const parts = sides.map(({ rows }, i) => ({ rows, into: perFold[i]! }));
  await addMoments(source, mean, parts);
  await keepTraining(perFold, { sides, partition, size, allMoments });
  return { data, count: folds.length, size };
}

type Cross = {
  readonly weights: Matrix;
  readonly folds: readonly Fold[];
  readonly squared: boolean;
};

function trainCrossMoments(
  source: RowSource,
  mean: Float64Array,
  { weights, folds, squared }: Cross,
): readonly Float64Array[] {
  const { sides, partition } = chooseSides(folds, source.rows);
  const whole = !partition && sides.some(({ left }) => left);
  const lists = sides.map(({ rows }) => rowList(rows));
  if (whole) lists.push(rowList(complement([], source.rows)));
  const parts = lists.map(() => new Float64Array(weights.columns * source.columns));
  for (const block of centredBlocks(source, mean)) {
    lists.forEach((list, i) => {
      const { rows } = rowsWithin(list, block);
      addCrossMoment(parts[i]!, block.matrix, { rows, squared, weights, offset: block.start });
    });
  }
  const total = partition ? sumOf(parts) : parts[folds.length];
  return sides.map(({ left }, i) =>
    left ? parts[i]!.map((value, j) => total![j]! - value) : parts[i]!,
  );
}
