/** @file What a store holds of results, in a form in which the stores of two runs can be compared. */

import { bundleTables } from "../packages/runner/src/bundle/tables.ts";
import { openStore } from "../packages/runner/src/store/index.ts";

/** Tables that say how a run went, not what came out. */
const ofRuns = ["environments", "experiments", "experiment_tags", "runs", "progress", "encodings"];
/** Columns that no two runs share: times, folders, and in which order rows came. */
const apart = new Set([
  ...["key", "experiment", "path", "seconds", "environment"],
  ...["startedAt", "finishedAt", "createdAt"],
]);

/** Every row of the tables of results, by table: trials by their ids, bytes in full, without times. */
export function storeRows(file: string): Readonly<Record<string, readonly string[]>> {
  using store = openStore(file, { readonly: true });
  const keys = store.sqlite
    .prepare<[], { key: number; id: string }>("select key, id from trials")
    .all();
  const ids = new Map(keys.map(({ key, id }) => [key, id]));
  const shown = (column: string, value: unknown): unknown => {
    if (column === "trial") return ids.get(Number(value));
    return Buffer.isBuffer(value) ? value.toString("hex") : value;
  };
  return Object.fromEntries(
    bundleTables
      .filter(({ name }) => !ofRuns.includes(name))
      .map(({ name }) => {
        const rows = store.sqlite
          .prepare<[], Record<string, unknown>>(`select * from ${name}`)
          .all();
        const plain = rows.map((row) =>
          Object.entries(row)
            .filter(([column]) => !apart.has(column))
            .map(([column, value]) => `${column}=${shown(column, value)}`)
            .join(" "),
        );
        return [name, plain.sort()];
      }),
  );
}
