/** @file The exports of the table of trials, piece by piece: no piece knows how long the whole is. */

import { type ColumnName, columns } from "./columns.ts";
import { foldPieces } from "./fold-lines.ts";
import { fetchKeys } from "./queries/order.ts";
import type { Scope } from "./queries/scope.ts";
import {
  described,
  fetchDescribed,
  fetchRows,
  fetchSummaryTexts,
  mostFolds,
  spreads,
} from "./queries/table.ts";
import { csvLine, toLatex, type Value } from "./tabular.ts";
import type { View } from "./view.ts";

/** Trials per statement. */
const page = 1000;

/** One CSV line per trial: what describes it, and every metric with its spread and interval. */
export function* csvOfTrials(scope: Scope, view: View, metrics: readonly string[]) {
  const names = metrics.flatMap((metric) =>
    spreads.map((name) => (name === "mean" ? metric : `${metric} ${name}`)),
  );
  yield `${csvLine([...described, ...names])}\r\n`;
  const bare = ",".repeat(spreads.length - 1);
  for (const { values, summaries } of trialsOf(scope, { view, metrics, form: "array" })) {
    let line = csvLine(values);
    for (const summary of summaries) line += `,${summary?.replaceAll("null", "") ?? bare}`;
    yield `${line}\r\n`;
  }
}

/** The same as an array of records; metrics that a trial does not have are left out. */
export function* jsonOfTrials(scope: Scope, view: View, metrics: readonly string[]) {
  const names = metrics.map((metric) => JSON.stringify(metric));
  let opening = "[\n";
  for (const { values, summaries } of trialsOf(scope, { view, metrics, form: "object" })) {
    const record = Object.fromEntries(described.map((name, i) => [name, values[i] ?? null]));
    const scores = summaries.flatMap((summary, i) =>
      summary === null ? [] : `${names[i]}:{${summary}}`,
    );
    yield `${opening}${JSON.stringify(record).slice(0, -1)},"scores":{${scores.join(",")}}}`;
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

/** What the CSV of folds is made of: its first line, and the trials whose scores follow it. */
export type FoldExport = {
  readonly heading: string;
  /** Row numbers, ascending: the order of the store reads fastest. */
  readonly keys: Int32Array;
  readonly metrics: readonly string[];
  readonly folds: number;
};

/** Plans a CSV with a line per trial and metric, and a column per fold. */
export function foldExportOf(scope: Scope, view: View, metrics: readonly string[]): FoldExport {
  const folds = mostFolds(scope);
  const numbers = Array.from({ length: folds }, (_, i) => `fold ${i + 1}`);
  return {
    heading: `${csvLine(["trial", "metric", ...numbers])}\r\n`,
    keys: fetchKeys(scope, view).toSorted(),
    metrics,
    folds,
  };
}

/** The CSV of every fold, made in this thread. */
export function* csvOfFolds(
  scope: Scope,
  view: View,
  metrics: readonly string[],
): Generator<string | Uint8Array> {
  const { heading, ...work } = foldExportOf(scope, view, metrics);
  yield heading;
  yield* foldPieces(scope.store.database, work);
}

/** What describes a trial, and its summaries as text in the order of the metrics, null where it has none. */
type Described = {
  readonly values: readonly Value[];
  readonly summaries: readonly (string | null)[];
};

type Asked = {
  readonly view: View;
  readonly metrics: readonly string[];
  readonly form: "array" | "object";
};

function* trialsOf(scope: Scope, { view, metrics, form }: Asked): Generator<Described> {
  const places = new Map(metrics.map((metric, i) => [metric, i]));
  for (const keys of pagesOf(fetchKeys(scope, view))) {
    const summaries = new Map<number, (string | null)[]>();
    for (const key of keys) summaries.set(key, new Array(metrics.length).fill(null));
    for (const [trial, metric, summary] of fetchSummaryTexts(scope, keys, form)) {
      const [own, at] = [summaries.get(trial), places.get(metric)];
      if (own !== undefined && at !== undefined) own[at] = summary;
    }
    for (const [key, ...values] of fetchDescribed(scope, keys))
      yield { values, summaries: summaries.get(key) ?? [] };
  }
}

function pagesOf(keys: Int32Array): readonly Int32Array[] {
  return Array.from({ length: Math.ceil(keys.length / page) }, (_, i) =>
    keys.subarray(i * page, (i + 1) * page),
  );
}
