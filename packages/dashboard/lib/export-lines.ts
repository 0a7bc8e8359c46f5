/** @file The exports of the table of trials, piece by piece: no piece knows how long the whole is. */

import { type ColumnName, columns } from "./columns.ts";
import type { Scope } from "./queries/scope.ts";
import {
  described,
  fetchDescribed,
  fetchFoldRows,
  fetchFolds,
  fetchIds,
  fetchKeys,
  fetchRows,
  fetchSummaries,
  mostFolds,
} from "./queries/table.ts";
import { csvLine, toLatex, type Value } from "./tabular.ts";
import type { View } from "./view.ts";

/** Trials per statement. */
const page = 1000;

const spreads = ["mean", "std", "low", "high", "itemLow", "itemHigh"] as const;

/** One CSV line per trial: what describes it, and every metric with its spread and interval. */
export function* csvOfTrials(scope: Scope, view: View, metrics: readonly string[]) {
  const names = metrics.flatMap((metric) =>
    spreads.map((name) => (name === "mean" ? metric : `${metric} ${name}`)),
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
      const own = Object.fromEntries(spreads.map((name, j) => [name, values[at + j] ?? null]));
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

/** One CSV line per trial and metric, a column per fold; in the order of the store, which reads fastest. */
export function* csvOfFolds(scope: Scope, view: View) {
  const keys = fetchKeys(scope, view).toSorted((a, b) => a - b);
  const folds = mostFolds(scope);
  yield `${csvLine(["trial", "metric", ...Array.from({ length: folds }, (_, i) => `fold ${i + 1}`)])}\r\n`;
  for (const some of pagesOf(keys)) {
    const ids = fetchIds(scope, some);
    let [trial, id] = [-1, ""];
    for (const [key, metric, last, count, values] of fetchFoldRows(scope, some)) {
      if (key !== trial) [trial, id] = [key, csvLine([ids.get(key) ?? ""])];
      const cells =
        last + 1 === count
          ? values.slice(1, -1)
          : csvLine(spread(fetchFolds(scope, key, metric), last + 1));
      const rest = last + 1 < folds ? ",".repeat(folds - last - 1) : "";
      yield `${id},${csvLine([metric])},${cells}${rest}\r\n`;
    }
  }
}

/** Values at their folds, null where a fold has none. */
function spread(scores: readonly (readonly [number, number])[], length: number): Value[] {
  const values: Value[] = new Array(length).fill(null);
  for (const [fold, value] of scores) values[fold] = value;
  return values;
}

function* trialValues(scope: Scope, view: View, metrics: readonly string[]): Generator<Value[]> {
  const places = new Map(
    metrics.map((metric, i) => [metric, described.length + i * spreads.length]),
  );
  const width = described.length + metrics.length * spreads.length;
  for (const keys of pagesOf(fetchKeys(scope, view))) {
    const rows = new Map<number, Value[]>();
    for (const [key, ...own] of fetchDescribed(scope, keys)) {
      const values: Value[] = new Array(width).fill(null);
      for (let i = 0; i < own.length; i++) values[i] = own[i] ?? null;
      rows.set(key, values);
    }
    for (const [trial, metric, ...summary] of fetchSummaries(scope, keys)) {
      const [values, at] = [rows.get(trial), places.get(metric)];
      if (values === undefined || at === undefined) continue;
      for (let i = 0; i < summary.length; i++) values[at + i] = summary[i] ?? null;
    }
    yield* rows.values();
  }
}

function pagesOf(keys: readonly number[]): readonly (readonly number[])[] {
  return Array.from({ length: Math.ceil(keys.length / page) }, (_, i) =>
    keys.slice(i * page, (i + 1) * page),
  );
}
