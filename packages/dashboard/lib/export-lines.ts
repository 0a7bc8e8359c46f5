/** @file The exports of the table of trials, piece by piece: no piece knows how long the whole is. */

import { type ColumnName, columns } from "./columns.ts";
import type { Scope } from "./queries/scope.ts";
import { fetchFoldRows, fetchKeys, fetchRows, fetchSummaries } from "./queries/table.ts";
import { csvLine, toLatex, type Value } from "./tabular.ts";
import type { View } from "./view.ts";

/** Trials per statement. */
const page = 1000;

/** What describes a trial in every export, whatever columns are on screen. */
const described = [
  "trial",
  "dataset",
  "model",
  "parameters",
  "layer",
  "layerMethod",
  "token",
  "classifier",
  "options",
  "seed",
  "state",
  "seconds",
  "flags",
  "error",
] as const satisfies readonly ColumnName[];

const spreads = ["mean", "std", "low", "high"] as const;

/** One CSV line per trial: what describes it, and every metric with its spread and interval. */
export function* csvOfTrials(scope: Scope, view: View, metrics: readonly string[]) {
  const names = metrics.flatMap((metric) =>
    spreads.map((spread) => (spread === "mean" ? metric : `${metric} ${spread}`)),
  );
  yield `${csvLine([...described, ...names])}\r\n`;
  for (const values of trialValues(scope, view, metrics)) yield `${csvLine(values)}\r\n`;
}

/** The same as an array of records; metrics that a trial does not have are left out. */
export function* jsonOfTrials(scope: Scope, view: View, metrics: readonly string[]) {
  let opening = "[\n";
  for (const values of trialValues(scope, view, metrics)) {
    const record = Object.fromEntries(described.map((name, i) => [name, values[i] ?? null]));
    const scores = metrics.flatMap((metric, i) => {
      const at = described.length + i * spreads.length;
      const own = Object.fromEntries(spreads.map((spread, j) => [spread, values[at + j] ?? null]));
      return own.mean === null ? [] : [[metric, own]];
    });
    yield `${opening}${JSON.stringify({ ...record, scores: Object.fromEntries(scores) })}`;
    opening = ",\n";
  }
  yield opening === "[\n" ? "[]\n" : "\n]\n";
}

/** The columns on screen as a LaTeX table. */
export function* latexOfTrials(scope: Scope, view: View, shown: readonly ColumnName[]) {
  const headings = shown.map((name) => (name === "score" ? scope.metric : columns[name].label));
  const rows = pagesOf(fetchKeys(scope, view)).flatMap((keys) => fetchRows(scope, keys));
  yield toLatex({ columns: headings, rows: rows.map((row) => shown.map((name) => row[name])) });
}

/** One CSV line per trial and metric, a column per fold. */
export function* csvOfFolds(scope: Scope, view: View) {
  const keys = fetchKeys(scope, view);
  const folds = foldCount(scope);
  yield `${csvLine(["trial", "metric", ...Array.from({ length: folds }, (_, i) => `fold ${i + 1}`)])}\r\n`;
  for (const some of pagesOf(keys)) {
    let [id, metric] = ["", ""];
    let values: Value[] = [];
    for (const [ownId, ownMetric, fold, value] of fetchFoldRows(scope, some)) {
      if (ownId !== id || ownMetric !== metric) {
        if (id !== "") yield `${csvLine([id, metric, ...values])}\r\n`;
        [id, metric, values] = [ownId, ownMetric, new Array(folds).fill(null)];
      }
      values[fold] = value;
    }
    if (id !== "") yield `${csvLine([id, metric, ...values])}\r\n`;
  }
}

function* trialValues(scope: Scope, view: View, metrics: readonly string[]): Generator<Value[]> {
  const places = new Map(
    metrics.map((metric, i) => [metric, described.length + i * spreads.length]),
  );
  const width = described.length + metrics.length * spreads.length;
  for (const keys of pagesOf(fetchKeys(scope, view))) {
    const rows = new Map<number, Value[]>();
    for (const row of fetchRows(scope, keys)) {
      const values: Value[] = new Array(width).fill(null);
      for (const [i, name] of described.entries()) values[i] = row[name];
      rows.set(row.key, values);
    }
    for (const [trial, metric, mean, std, low, high] of fetchSummaries(scope, keys)) {
      const [values, at] = [rows.get(trial), places.get(metric)];
      if (values === undefined || at === undefined) continue;
      values[at] = mean;
      values[at + 1] = std;
      values[at + 2] = low;
      values[at + 3] = high;
    }
    yield* rows.values();
  }
}

function pagesOf(keys: readonly number[]): readonly (readonly number[])[] {
  return Array.from({ length: Math.ceil(keys.length / page) }, (_, i) =>
    keys.slice(i * page, (i + 1) * page),
  );
}

/** Most folds of any trial. */
function foldCount(scope: Scope): number {
  const [row] = scope.store.all<{ folds: number | null }>(
    "select max(folds) as folds from main.splits",
  );
  return row?.folds ?? 0;
}
