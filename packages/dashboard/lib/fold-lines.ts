/** @file Scores of folds as lines of CSV, put together byte by byte: millions of numbers would be as many texts. */

import { type FoldScores, fetchIds, readFoldScores } from "./queries/fold-scores.ts";
import type { Database } from "./store.ts";
import { csvLine } from "./tabular.ts";

/** Trials whose row numbers ascend, and what to write of them. */
export type FoldWork = Pick<FoldScores, "keys" | "metrics" | "folds">;

/** The lines of some trials, piece by piece. */
export function* foldPieces(database: Database, work: FoldWork): Generator<Uint8Array> {
  for (const scores of readFoldScores(database, work))
    yield foldLines(scores, fetchIds(database, scores.keys));
}

const [comma, carriageReturn, lineFeed] = [44, 13, 10] as const;

/** A line for each trial and metric that it has: id, metric, the value of every fold, empty where a fold has none. */
export function foldLines(
  { keys, metrics, folds, places, values }: FoldScores,
  ids: ReadonlyMap<number, string>,
): Uint8Array {
  const starts = startsOf(values);
  const names = metrics.map((name) => Buffer.from(`,${csvLine([name])}`));
  const prefixes = Array.from(keys, (key) => Buffer.from(csvLine([ids.get(key) ?? ""])));
  const longest = Math.max(0, ...names.map((name) => name.length));
  const around = prefixes.reduce((sum, id) => sum + id.length + longest + folds + 2, 0);
  const out = new Uint8Array(values.length + metrics.length * around);
  let end = 0;
  for (let line = 0; line < keys.length * metrics.length; line++) {
    const at = line * folds;
    let last = folds - 1;
    while (last >= 0 && (places[at + last] as number) < 0) last--;
    if (last < 0) continue;
    const id = prefixes[Math.floor(line / metrics.length)] as Uint8Array;
    const name = names[line % metrics.length] as Uint8Array;
    out.set(id, end);
    out.set(name, end + id.length);
    end += id.length + name.length;
    for (let fold = at; fold < at + folds; fold++) {
      out[end++] = comma;
      const row = places[fold] as number;
      if (row < 0) continue;
      const stop = (starts[row + 1] as number) - 1;
      // For a dozen bytes a loop is faster than `set`.
      for (let i = starts[row] as number; i < stop; i++) out[end++] = values[i] as number;
    }
    out[end++] = carriageReturn;
    out[end++] = lineFeed;
  }
  return out.subarray(0, end);
}

/** Where each value of a JSON array of numbers begins, and where one after the last would. */
function startsOf(json: Uint8Array): Int32Array {
  const starts = new Int32Array(json.length);
  starts[0] = 1; // after the bracket
  let found = 1;
  for (let i = 1; i < json.length; i++) if (json[i] === comma) starts[found++] = i + 1;
  starts[found] = json.length;
  return starts;
}
