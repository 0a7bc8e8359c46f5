/** @file A stored split as tests need it: which rows each fold tests, and how often a row is tested. */

import { float32Of, int32Of } from "../store/bytes.ts";
import type { Store } from "../store/open.ts";
import { storedRoles } from "../store/write.ts";

export type StoredSplit = {
  /** Rows of each fold that test, ascending. */
  readonly tests: readonly Uint32Array[];
  /** Class number or value of every row. */
  readonly targets: Int32Array | Float32Array;
  /** Target of every test row, fold after fold: the order of predictions. */
  readonly truth: Float64Array;
  /** Number of classes; 0 for regression. */
  readonly classes: number;
  /** Rows that a fold tests, averaged over folds. */
  readonly testRows: number;
  /** Test rows per training row, averaged over folds. */
  readonly testToTrain: number;
  /** Some row is tested by more than one fold. */
  readonly repeated: boolean;
};

/** Reads a split; undefined when it is not stored. */
export function readSplit(store: Store, id: string): StoredSplit | undefined {
  const dataset = store.sqlite
    .prepare<[string], { targets: Buffer; task: string; labels: string | null; rows: number }>(
      `select targets, task, labels, rows from splits join datasets on datasets.id = splits.dataset
       where splits.id = ?`,
    )
    .get(id);
  if (dataset === undefined) return undefined;
  const folds = storedRoles(store, id).map((roles) => {
    const test = rowsOf(roles, 3);
    return { test, ratio: test.length / Math.max(1, rowsOf(roles, 1).length) };
  });
  const tested = new Uint16Array(dataset.rows);
  for (const { test } of folds) for (const row of test) tested[row] = (tested[row] ?? 0) + 1;
  const regression = dataset.task === "regression";
  const targets = regression ? float32Of(dataset.targets) : int32Of(dataset.targets);
  return {
    tests: folds.map(({ test }) => test),
    targets,
    truth: Float64Array.from(
      folds.flatMap(({ test }) => Array.from(test, (row) => targets[row] ?? 0)),
    ),
    classes: regression ? 0 : (JSON.parse(dataset.labels ?? "[]") as unknown[]).length,
    testRows: folds.reduce((sum, { test }) => sum + test.length, 0) / Math.max(1, folds.length),
    testToTrain: folds.reduce((sum, { ratio }) => sum + ratio, 0) / Math.max(1, folds.length),
    repeated: tested.some((times) => times > 1),
  };
}

function rowsOf(roles: Uint8Array, role: number): Uint32Array {
  const rows: number[] = [];
  for (let row = 0; row < roles.length; row++) if (roles[row] === role) rows.push(row);
  return Uint32Array.from(rows);
}
