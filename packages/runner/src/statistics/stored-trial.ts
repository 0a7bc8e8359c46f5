/** @file What tests read of a trial: its score in each fold, and its predictions of the test rows. */

import { float32Of, int32Of } from "../store/bytes.ts";
import type { Store } from "../store/open.ts";
import { perStore } from "../store/per-store.ts";

const statements = perStore(({ sqlite }) => ({
  scores: sqlite.prepare<[number, string], { fold: number; value: number }>(
    "select fold, value from scores where trial = ? and metric = ? order by fold",
  ),
  predictions: sqlite.prepare<[number], { fold: number; predicted: Buffer }>(
    "select fold, predicted from predictions where trial = ? order by fold",
  ),
}));

/** Score of each fold that has one. */
export function readFoldScores(
  store: Store,
  trial: number,
  metric: string,
): ReadonlyMap<number, number> {
  const rows = statements(store).scores.all(trial, metric);
  return new Map(rows.map(({ fold, value }) => [fold, value]));
}

/** Predictions of every fold after one another, in the order of the folds and their test rows; null where none are stored. */
export function readPredictions(
  store: Store,
  trial: number,
  task: "classification" | "regression",
): Int32Array | Float32Array | null {
  const rows = statements(store).predictions.all(trial);
  if (rows.length === 0) return null;
  const all = Buffer.concat(rows.map(({ predicted }) => predicted));
  return task === "regression" ? float32Of(all) : int32Of(all);
}
