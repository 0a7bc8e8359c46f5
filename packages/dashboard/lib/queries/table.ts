/** @file Rows of the table of trials: any window of any order, and everything at once for the export. */

import { lowerIsBetter } from "@probegrid/runner/store";
import { type ColumnName, columns, extraMetrics } from "../columns.ts";
import type { Value } from "../tabular.ts";
import type { View } from "../view.ts";
import { type Scope, selectionOf, wordOf } from "./scope.ts";

/** One trial as the table shows it; scores are null until it is done. */
export type TrialRow = Readonly<Record<Exclude<ColumnName, "score">, string | number | null>> & {
  readonly score: number | null;
};

const fields = `p.mean as score, p.low, p.high, p.std, p.itemLow, p.itemHigh, wd.text as dataset, wm.text as model, t.layer,
  t.layerMethod, t.token, t.classifier, t.options, t.seed, p.folds, t.state, t.seconds,
  t.finishedAt as finished, m.parameters, t.flags, t.error, t.id as trial,
  ${extraMetrics.map((name) => `${columns[name].sort} as ${name}`).join(", ")}`;

const joins = `join main.trials t on t.key = a.trial join main.models m on m.id = t.model
  join temp.words wd on wd.code = a.dataset join temp.words wm on wm.code = a.model`;

export type Window = { readonly offset: number; readonly limit: number };

/** Rows asked for at a time, at most. */
export const windowLimit = 500;

/** A window of the table and how many rows there are in all. */
export function fetchTrials(
  scope: Scope,
  view: View,
  { offset, limit }: Window,
): { readonly total: number; readonly rows: readonly TrialRow[] } {
  const keys = fetchKeys(scope, view);
  const rows = fetchRows(scope, keys.slice(offset, offset + Math.min(limit, windowLimit)));
  return { total: keys.length, rows };
}

/** Keys of every row of the table in its order; kept, because the windows of a table share them. */
export function fetchKeys(scope: Scope, view: View): readonly number[] {
  const { from, where, values } = filtered(scope, view);
  const sort = view.sort === "gain" ? gainOf(scope) : columns[view.sort].sort;
  return scope.store.keys(
    `select a.trial from ${from}${needsJoins(view) ? "" : joinsFor(sort)} where ${where}
       order by ${sort} is null, ${sort} ${view.order}, a.trial`,
    ...values,
  );
}

/** Rows of some trials, in the order of their keys here. */
export function fetchRows(scope: Scope, keys: readonly number[]): readonly TrialRow[] {
  return scope.store.database
    .prepare<[string], TrialRow>(
      `select ${fields}, ${gainOf(scope)} as gain from json_each(?) k
         join temp.axes a on a.trial = k.value
         left join ${pointsOf(scope)} p on p.trial = a.trial ${joins} order by k.key`,
    )
    .all(JSON.stringify(keys));
}

/** What describes a trial in every export, whatever columns are on screen. */
export const described = [
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

type Described = [
  ...[key: number, id: string, dataset: number, model: number, layer: number, method: number],
  ...[token: number, classifier: number, options: number, seed: string | null],
  ...[state: string, seconds: number | null, flags: string | null, error: string | null],
];

/** `described` of some trials after their key; words come from memory, which is faster than joining them. */
export function fetchDescribed(
  scope: Scope,
  keys: readonly number[],
): readonly (readonly [key: number, ...values: Value[]])[] {
  const { database, all } = scope.store;
  const parameters = new Map(
    all<{ code: number; parameters: number }>(
      "select n.code, m.parameters from main.models m join temp.names n on n.id = m.id",
    ).map((row) => [row.code, row.parameters]),
  );
  const rows = database
    .prepare(
      `select a.trial, t.id, a.dataset, a.model, a.layer, a.layerMethod, a.token, a.classifier, a.options,
         t.seed, t.state, t.seconds, t.flags, t.error from json_each(?) k
         cross join temp.axes a on a.trial = k.value cross join main.trials t on t.key = k.value`,
    )
    .raw()
    .all(JSON.stringify(keys)) as Described[];
  const word = (code: number): string | null => scope.words[code] || null;
  return rows.map(
    ([key, id, dataset, model, layer, method, token, classifier, options, ...rest]) => [
      ...([key, id, wordOf(scope.words, dataset), wordOf(scope.words, model)] as const),
      ...[parameters.get(model) ?? null, word(layer), word(method), word(token)],
      ...[wordOf(scope.words, classifier), scope.words[options] ?? ""],
      ...rest,
    ],
  );
}

/** Summaries of some trials, every metric: key, metric, mean, std, low, high. Plain arrays, for speed. */
export type SummaryRow = readonly [
  key: number,
  metric: string,
  mean: number,
  std: number | null,
  low: number | null,
  high: number | null,
  itemLow: number | null,
  itemHigh: number | null,
];

/** All metrics of some trials. */
export function fetchSummaries(scope: Scope, keys: readonly number[]): readonly SummaryRow[] {
  return scope.store.database
    .prepare(
      `select s.trial, s.metric, s.mean, s.std, s.low, s.high, s.itemLow, s.itemHigh from json_each(?) k
         cross join main.summaries s on s.trial = k.value`,
    )
    .raw()
    .all(JSON.stringify(keys)) as SummaryRow[];
}

/** Every fold of one trial and metric: key, metric, the last fold, how many there are, their values as a JSON array. */
export type FoldRow = readonly [
  key: number,
  metric: string,
  last: number,
  count: number,
  values: string,
];

/** Scores of some trials, a row per metric; SQLite writes the numbers, in as few digits as bring back the same number. */
export function fetchFoldRows(scope: Scope, keys: readonly number[]): readonly FoldRow[] {
  return scope.store.database
    .prepare(
      // The primary key is read in its order, so the folds of a group come in theirs.
      `select trial, metric, max(fold), count(*), json_group_array(value) from main.scores
         indexed by sqlite_autoindex_scores_1
         where trial in (select value from json_each(?)) group by trial, metric`,
    )
    .raw()
    .all(JSON.stringify(keys)) as FoldRow[];
}

/** Fold and value of every score of a trial and metric. */
export function fetchFolds(
  scope: Scope,
  key: number,
  metric: string,
): readonly (readonly [fold: number, value: number])[] {
  return scope.store.database
    .prepare("select fold, value from main.scores where trial = ? and metric = ?")
    .raw()
    .all(key, metric) as [number, number][];
}

/** Most values that any trial has of one metric: folds of its split, permutations, orders of the rows. */
export function mostFolds(scope: Scope): number {
  const [row] = scope.store.all<{ folds: number }>(
    `select max((select ifnull(max(folds), 0) from main.summaries),
       (select ifnull(max(folds), 0) from main.splits)) as folds`,
  );
  return row?.folds ?? 0;
}

/** Ids of some trials by their keys. */
export function fetchIds(scope: Scope, keys: readonly number[]): ReadonlyMap<number, string> {
  const rows = scope.store.database
    .prepare("select t.key, t.id from json_each(?) k cross join main.trials t on t.key = k.value")
    .raw()
    .all(JSON.stringify(keys)) as [number, string][];
  return new Map(rows);
}

/**
 * By how much a trial is better than the one that reads layer 0 alone and is like it in all else; null where there is
 * none.
 */
function gainOf(scope: Scope): string {
  const better = lowerIsBetter.has(scope.metric) ? "z.mean - p.mean" : "p.mean - z.mean";
  const same = ["dataset", "model", "token", "classifier", "options", "seed"];
  return `(select ${better} from temp.axes b join ${pointsOf(scope)} z on z.trial = b.trial
    join main.trials tb on tb.key = b.trial where b.layerIndex = 0 and tb.split is t.split
    and ${same.map((axis) => `b.${axis} = a.${axis}`).join(" and ")} limit 1)`;
}

function filtered(scope: Scope, view: View) {
  const conditions = [scope.where, ...selectionOf(scope, view.select)];
  const values: string[] = [];
  if (view.state !== null) {
    conditions.push("t.state = ?");
    values.push(view.state);
  }
  for (const word of view.find.split(/\s+/).filter(Boolean).slice(0, 8)) {
    conditions.push(`(wd.text || ' ' || wm.text || ' ' || ifnull(t.layer, '') || ' ' || ifnull(t.layerMethod, '')
      || ' ' || ifnull(t.token, '') || ' ' || t.classifier || ' ' || t.options || ' ' || t.state || ' ' || t.id
      || ' ' || ifnull(t.flags, '') || ' ' || ifnull(t.error, '')) like ? escape '!'`);
    values.push(`%${word.replace(/[!%_]/g, "!$&")}%`);
  }
  const from = `temp.axes a left join ${pointsOf(scope)} p on p.trial = a.trial${needsJoins(view) ? ` ${joins}` : ""}`;
  return { from, where: conditions.join(" and "), values };
}

/** Filters on words and states need the trials themselves; without them the table in memory is enough. */
function needsJoins(view: View): boolean {
  return view.state !== null || view.find.trim() !== "";
}

function joinsFor(sort: string): string {
  return /^[pa]\./.test(sort) ? "" : ` ${joins}`;
}

function pointsOf(scope: Scope): string {
  return scope.from.split(" ", 1)[0] ?? "";
}
