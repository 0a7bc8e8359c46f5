/** @file Rows of the table of trials: any window of any order, and everything at once for the export. */

import { type ColumnName, columns } from "../columns.ts";
import type { View } from "../view.ts";
import { type Scope, selectionOf } from "./scope.ts";

/** One trial as the table shows it; scores are null until it is done. */
export type TrialRow = Readonly<Record<Exclude<ColumnName, "score">, string | number | null>> & {
  readonly score: number | null;
};

const fields = `p.mean as score, p.low, p.high, p.std, wd.text as dataset, wm.text as model, t.layer,
  t.layerMethod, t.token, t.classifier, t.options, t.seed, p.folds, t.state, t.seconds,
  t.finishedAt as finished, m.parameters, t.flags, t.error, t.id as trial`;

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
  const { from, where, values } = filtered(scope, view);
  const [count] = scope.store.all<{ total: number }>(
    `select count(*) as total from ${from} where ${where}`,
    ...values,
  );
  const sort = columns[view.sort].sort;
  // Keys first: sorting narrow rows is several times cheaper than sorting whole ones.
  const rows = scope.store.all<TrialRow>(
    `with chosen as materialized (
       select a.trial as key, row_number() over (order by ${sort} is null, ${sort} ${view.order}, a.trial) as place
         from ${from}${needsJoins(view) ? "" : joinsFor(sort)} where ${where}
         order by place limit ? offset ?)
     select ${fields} from chosen join temp.axes a on a.trial = chosen.key
       left join ${pointsOf(scope)} p on p.trial = a.trial ${joins} order by place`,
    ...values,
    Math.min(limit, windowLimit),
    offset,
  );
  return { total: count?.total ?? 0, rows };
}

/** Keys of every row of the table in its order: the export reads rows in short statements, page by page. */
export function fetchKeys(scope: Scope, view: View): readonly number[] {
  const { from, where, values } = filtered(scope, view);
  const { sort } = columns[view.sort];
  return scope.store.database
    .prepare(
      `select a.trial from ${from}${needsJoins(view) ? "" : joinsFor(sort)} where ${where}
         order by ${sort} is null, ${sort} ${view.order}, a.trial`,
    )
    .pluck()
    .all(...values) as number[];
}

/** Rows of some trials, in the order of their keys here. */
export function fetchRows(scope: Scope, keys: readonly number[]): readonly (TrialRow & Key)[] {
  const rows = scope.store.database
    .prepare(
      `select a.trial as key, ${fields} from json_each(?) k join temp.axes a on a.trial = k.value
         left join ${pointsOf(scope)} p on p.trial = a.trial ${joins} order by k.key`,
    )
    .all(JSON.stringify(keys));
  return rows as (TrialRow & Key)[];
}

type Key = { readonly key: number };

/** Summaries of some trials, every metric: key, metric, mean, std, low, high. Plain arrays, for speed. */
export type SummaryRow = readonly [
  key: number,
  metric: string,
  mean: number,
  std: number | null,
  low: number | null,
  high: number | null,
];

/** All metrics of some trials. */
export function fetchSummaries(scope: Scope, keys: readonly number[]): readonly SummaryRow[] {
  return scope.store.database
    .prepare(
      `select s.trial, s.metric, s.mean, s.std, s.low, s.high from json_each(?) k
         cross join main.summaries s on s.trial = k.value`,
    )
    .raw()
    .all(JSON.stringify(keys)) as SummaryRow[];
}

/** One score: trial id, metric, fold, value. */
export type FoldRow = readonly [id: string, metric: string, fold: number, value: number];

/** Every fold of some trials; the key of `scores` brings those of a trial and metric one after the other. */
export function fetchFoldRows(scope: Scope, keys: readonly number[]): readonly FoldRow[] {
  return scope.store.database
    .prepare(
      `select t.id, s.metric, s.fold, s.value from json_each(?) k
         cross join main.trials t on t.key = k.value
         cross join main.scores s on s.trial = k.value`,
    )
    .raw()
    .all(JSON.stringify(keys)) as FoldRow[];
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
