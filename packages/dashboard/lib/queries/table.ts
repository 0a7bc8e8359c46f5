/** @file Rows of the table of trials: any window of any order, and everything at once for the export. */

import { type ColumnName, extraMetrics } from "../columns.ts";
import { within } from "../metrics.ts";
import { listOf, placeOf } from "../row-numbers.ts";
import type { Value } from "../tabular.ts";
import type { View } from "../view.ts";
import { fetchKeys, gainsOf, parametersOf } from "./order.ts";
import { type Scope, wordOf } from "./scope.ts";

/** One trial as the table shows it; scores are null until it is done. */
export type TrialRow = Readonly<Record<Exclude<ColumnName, "score">, string | number | null>> & {
  readonly score: number | null;
};

const fields = `p.mean as score, p.low, p.high, p.std, p.itemLow, p.itemHigh, wd.label as dataset, wm.label as model,
  t.layer, t.layerMethod, t.token, t.classifier, t.options, t.seed, p.folds, t.state, t.seconds,
  t.finishedAt as finished, nullif(m.parameters, 0) as parameters, t.flags, t.error, t.id as trial,
  ${extraMetrics
    .map(
      (name) =>
        `(select mean from main.summaries where trial = t.key and metric = '${name}') as ${name}`,
    )
    .join(", ")}`;

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
  const rows = fetchRows(scope, keys.subarray(offset, offset + Math.min(limit, windowLimit)));
  return { total: keys.length, rows };
}

type StoredRow = Omit<TrialRow, "gain"> & { readonly key: number } & Readonly<
    Record<"low" | "high" | "itemLow" | "itemHigh", number | null>
  >;

/** Rows of some trials, in the order of their keys here. */
export function fetchRows(scope: Scope, keys: Int32Array): readonly TrialRow[] {
  const { metric, store } = scope;
  const gains = gainsOf(scope);
  return store.database
    .prepare<[string, string], StoredRow>(
      `select t.key, ${fields} from json_each(?) k
         cross join main.trials t on t.key = k.value
         join main.models m on m.id = t.model
         join temp.names wd on wd.id = t.dataset join temp.names wm on wm.id = t.model
         left join main.summaries p on p.trial = t.key and p.metric = ? order by k.key`,
    )
    .all(listOf(keys), metric)
    .map(({ key, ...row }) => {
      const gain = gains[placeOf(store.facts.trials, key)] ?? Number.NaN;
      // Intervals may leave what the metric can be; nobody should see an accuracy above 1.
      const [low, high] = [within(metric, row.low), within(metric, row.high)];
      const [itemLow, itemHigh] = [within(metric, row.itemLow), within(metric, row.itemHigh)];
      return { ...row, low, high, itemLow, itemHigh, gain: Number.isNaN(gain) ? null : gain };
    });
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

type Described = readonly [
  ...[key: number, id: string, seed: number | null, state: string, seconds: number | null],
  ...[flags: string | null, error: string | null],
];

/** `described` of some trials after their key; words come from memory, which is faster than joining them. */
export function fetchDescribed(
  scope: Scope,
  keys: Int32Array,
): readonly (readonly [key: number, ...values: Value[]])[] {
  const { facts, database } = scope.store;
  const { codes } = facts;
  const parameters = parametersOf(scope);
  const word = (code: number | undefined): string | null => scope.words[code ?? 0] || null;
  const rows = database
    .prepare(
      `select t.key, t.id, t.seed, t.state, t.seconds, t.flags, t.error from json_each(?) k
         cross join main.trials t on t.key = k.value`,
    )
    .raw()
    .all(listOf(keys)) as Described[];
  return rows.map(([key, id, ...rest]) => {
    const place = placeOf(facts.trials, key);
    const [dataset = 0, model = 0] = [codes.dataset[place], codes.model[place]];
    return [
      ...([key, id, wordOf(scope.words, dataset), wordOf(scope.words, model)] as const),
      ...[parameters.get(model) ?? null, word(codes.layer[place])],
      ...[word(codes.layerMethod[place]), word(codes.token[place])],
      ...[
        wordOf(scope.words, codes.classifier[place] ?? 0),
        scope.words[codes.options[place] ?? 0] ?? "",
      ],
      ...rest,
    ];
  });
}

/** What is written of each summary, in this order. */
export const spreads = ["mean", "std", "low", "high", "itemLow", "itemHigh"] as const;

/** One summary of a trial as JSON without its brackets: `spreads` alone, or with their names. */
export type SummaryText = readonly [key: number, metric: string, json: string];

/**
 * All summaries of some trials, written by SQLite in as many digits as bring back the same number: it hands over one
 * text for all of them, which takes a third of the time of its numbers one by one.
 */
export function fetchSummaryTexts(
  scope: Scope,
  keys: Int32Array,
  form: "array" | "object",
): readonly SummaryText[] {
  const json =
    form === "array"
      ? `json_array(${spreads.map((name) => `s.${name}`).join(", ")})`
      : `json_object(${spreads.map((name) => `'${name}', s.${name}`).join(", ")})`;
  const [trials, metrics, texts] = scope.store.database
    .prepare(
      `select json_group_array(s.trial), json_group_array(s.metric), json_group_array(${json})
         from json_each(?) k cross join main.summaries s on s.trial = k.value`,
    )
    .raw()
    .get(listOf(keys)) as [string, string, string];
  const names = JSON.parse(metrics) as string[];
  const parts = texts.slice(2, -2).split(form === "array" ? "],[" : "},{"); // of numbers only
  return (JSON.parse(trials) as number[]).map((key, i) => [key, names[i] ?? "", parts[i] ?? ""]);
}

/** Most values that any trial has of one metric: folds of its split, permutations, orders of the rows; published folds are numbered as they were. */
export function mostFolds(scope: Scope): number {
  const [row] = scope.store.all<{ folds: number }>(
    `select max((select ifnull(max(folds), 0) from main.summaries),
       (select ifnull(max(folds), 0) from main.splits),
       (select ifnull(max(fold) + 1, 0) from main.scores
          where trial in (select key from main.trials where split is null))) as folds`,
  );
  return row?.folds ?? 0;
}
