/** @file Which rows a training step sees: the batches of all folds as feeds of the training graph. */

import type { Tensor } from "../graph/index.ts";
import { float32 } from "../kernels.ts";
import type { NetworkSpec } from "./training-graph.ts";

export type Feeds = Record<string, Tensor>;

type Batch = {
  readonly targets: Float32Array;
  readonly spec: NetworkSpec;
};

/** Rows, targets and weights of one step, from the rows of each fold's batch; a fold without rows counts nothing. */
export function batchFeeds(
  batches: readonly Uint32Array[],
  { targets, spec: { shared, outputs } }: Batch,
): Feeds {
  const folds = batches.length;
  const groups = placeRows(batches, shared);
  const width = Math.max(1, ...groups.map(({ rows }) => rows.length));
  const order = new Int32Array(groups.length * width);
  const target = new Float32Array(order.length * outputs);
  const weight = new Float32Array(folds * width);
  groups.forEach(({ rows, users }, g) => {
    rows.forEach((row, i) => {
      const at = g * width + i;
      order[at] = row;
      for (let o = 0; o < outputs; o++) target[at * outputs + o] = targets[row * outputs + o]!;
    });
    for (const { fold, places } of users) {
      for (const i of places) weight[fold * width + i] = 1 / places.length;
    }
  });
  return {
    order: { data: order, shape: [groups.length, width] },
    weight: float32(weight, folds, width),
    target: float32(target, groups.length, width, outputs),
  };
}

export type Group = {
  readonly rows: Uint32Array;
  /** Which of the rows each fold uses. */
  readonly users: readonly { readonly fold: number; readonly places: Uint32Array }[];
};

/** Rows of one step: a list per fold, or one list of every row that any fold uses. */
export function placeRows(batches: readonly Uint32Array[], shared: boolean): readonly Group[] {
  if (!shared) {
    return batches.map((rows, fold) => ({
      rows,
      users: [{ fold, places: Uint32Array.from(rows.keys()) }],
    }));
  }
  const place = new Map<number, number>();
  const users = batches.map((rows, fold) => ({
    fold,
    places: rows.map((row) => {
      const at = place.get(row) ?? place.size;
      place.set(row, at);
      return at;
    }),
  }));
  return [{ rows: Uint32Array.from(place.keys()), users }];
}

/** The listed rows in the order of a permutation of all rows. */
export function inOrder(order: Uint32Array, rows: Uint32Array): Uint32Array {
  const listed = new Uint8Array(order.length);
  for (const row of rows) listed[row] = 1;
  return order.filter((row) => listed[row] === 1);
}

export function joined(a: Uint32Array, b: Uint32Array): Uint32Array {
  const both = new Uint32Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
