/** @file Which rows a training step sees: the batches of all folds as feeds of the training graph. */

import type { Tensor } from "../graph/index.ts";
import { float32 } from "../kernels.ts";
import type { NetworkSpec } from "./training-graph.ts";

/** Steps per run of the graph: enough that starting a run costs little beside it. */
export const stepsPerRun = 8;

export type Feeds = Record<string, Tensor>;

type StepInput = {
  /** First step of the run within the epoch. */
  readonly start: number;
  readonly batch: number;
  readonly targets: Float32Array;
  readonly spec: NetworkSpec;
};

/** Rows, targets and weights of the next steps; past a fold's last row, nothing counts and nothing moves. */
export function stepFeeds(
  orders: readonly Uint32Array[],
  { start, batch, targets, spec }: StepInput,
): Feeds {
  const { shared, outputs } = spec;
  const folds = orders.length;
  const steps = Array.from({ length: stepsPerRun }, (_, s) => {
    const from = (start + s) * batch;
    return placeRows(
      orders.map((rows) => rows.subarray(from, from + batch)),
      shared,
    );
  });
  const width = Math.max(1, ...steps.flat().map(({ rows }) => rows.length));
  const groups = shared ? 1 : folds;
  const order = new Int32Array(stepsPerRun * groups * width);
  const target = new Float32Array(order.length * outputs);
  const weight = new Float32Array(stepsPerRun * folds * width);
  const active = new Uint8Array(stepsPerRun * folds);
  steps.forEach((placed, s) => {
    placed.forEach(({ rows, users }, g) => {
      rows.forEach((row, i) => {
        const at = (s * groups + g) * width + i;
        order[at] = row;
        for (let o = 0; o < outputs; o++) target[at * outputs + o] = targets[row * outputs + o]!;
      });
      for (const { fold, places } of users) {
        if (places.length > 0) active[s * folds + fold] = 1;
        for (const i of places) weight[(s * folds + fold) * width + i] = 1 / places.length;
      }
    });
  });
  return {
    order: { data: order, shape: [stepsPerRun, groups, width] },
    weight: float32(weight, stepsPerRun, folds, width),
    target: float32(target, stepsPerRun, groups, width, outputs),
    active: { data: active, shape: [stepsPerRun, folds, 1, 1] },
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
