/** @file Which finished trials a view looks at, as the `from` and `where` of every aggregate. */

import { type Axis, axes, filterAxes, none } from "../axes.ts";
import { type Dictionary, pointsTable, readWords } from "../facts.ts";
import type { Store } from "../store.ts";
import {
  type FactColumns,
  placesWithin,
  readFactColumns,
  readScoreColumns,
  type ScoreColumns,
} from "../trial-columns.ts";
import { isEmptySelection, type Selection, type View } from "../view.ts";

/** A metric, the trials asked for, and how to turn the numbers in memory back into words. */
export type Scope = Dictionary & {
  readonly store: Store;
  readonly metric: string;
  /** `temp.points_n p join temp.axes a …`, all trials with this metric. */
  readonly from: string;
  /** Conditions of the view, always at least `true`. */
  readonly where: string;
  /** The same trials as places in columns of numbers. */
  readonly columns: () => ScopeColumns;
};

/** The trials of a scope for grouping. */
export type ScopeColumns = {
  readonly facts: FactColumns;
  /** With the interval on screen: over folds, or over items. */
  readonly scores: Pick<ScoreColumns, "mean" | "low" | "high">;
  readonly places: Int32Array;
};

/** Builds the scope of a view for one metric. */
export function scopeOf(store: Store, view: View, metric: string): Scope {
  const points = store.known(`points of ${metric}`, () => pointsTable(store.database, metric));
  const scope = { store, metric, ...dictionaryOf(store) };
  return {
    ...scope,
    from: `temp.${points} p join temp.axes a on a.trial = p.trial`,
    where: conditionsOf(scope, view).join(" and ") || "true",
    columns: once(() => columnsOf(scope, view, points)),
  };
}

type Known = Pick<Scope, "store" | "metric" | "codes">;

function columnsOf({ store, metric, codes }: Known, view: View, table: string): ScopeColumns {
  const facts = factsOf(store);
  const scores = store.held(`scores of ${metric}`, () =>
    readScoreColumns(store.database, table, facts),
  );
  const wanted = new Map<Axis, readonly number[]>();
  for (const axis of filterAxes) {
    if (view[axis].length > 0)
      wanted.set(
        axis,
        view[axis].map((text) => codeOf(codes, text)),
      );
  }
  const { mean, low, high, itemLow, itemHigh } = scores;
  const ends = view.band === "items" ? { low: itemLow, high: itemHigh } : { low, high };
  const places = placesWithin(facts, scores, { wanted, members: membersOf(store, view) });
  return { facts, scores: { mean, ...ends }, places };
}

/** What tells all trials apart, as columns. */
export function factsOf(store: Store): FactColumns {
  return store.held("facts", () => readFactColumns(store.database));
}

/** Row numbers of the trials of the experiments in a view; null where it names none. */
export function membersOf(store: Store, { experiment }: View): ReadonlySet<number> | null {
  if (experiment.length === 0) return null;
  const keys = experimentKeys(store, experiment).join(", ");
  return new Set(
    store.keys(`select trial from main.experiment_trials where experiment in (${keys})`),
  );
}

function once<Result>(make: () => Result): () => Result {
  let made: { readonly result: Result } | null = null;
  return () => {
    made ??= { result: make() };
    return made.result;
  };
}

/** The texts of the tables in memory; read once until the data changes. */
export function dictionaryOf(store: Store): Dictionary {
  return store.known("words", () => readWords(store.database));
}

/** Conditions on `a` for the filters of a view; values become numbers of our own, never text in SQL. */
export function conditionsOf(
  { store, codes }: Pick<Scope, "store" | "codes">,
  view: Pick<View, "experiment" | (typeof filterAxes)[number]>,
): readonly string[] {
  const conditions = filterAxes.flatMap((axis) => oneOf(axis, view[axis], codes));
  if (view.experiment.length === 0) return conditions;
  const keys = experimentKeys(store, view.experiment);
  return [
    ...conditions,
    `exists (select 1 from main.experiment_trials e
       where e.trial = a.trial and e.experiment in (${keys.join(", ")}))`,
  ];
}

/** Conditions on `a` and `p` for what is selected in the charts. */
export function selectionOf(
  { codes }: Pick<Scope, "codes">,
  selection: Selection,
): readonly string[] {
  if (isEmptySelection(selection)) return [];
  const conditions = axes.flatMap((axis) => oneOf(axis, selection[axis], codes));
  if (selection.score === undefined) return conditions;
  const [low, high] = selection.score.map(Number);
  return [...conditions, `p.mean between ${low} and ${high}`];
}

/** The text behind a number, `none` where a trial has no value. */
export function wordOf(words: readonly string[], code: number): string {
  return words[code] || none;
}

/** The number behind a text as the screen shows it. */
export function codeOf(codes: ReadonlyMap<string, number>, text: string): number {
  return codes.get(text === none ? "" : text) ?? -1;
}

function oneOf(
  axis: Axis,
  wanted: readonly string[] | undefined,
  codes: ReadonlyMap<string, number>,
): readonly string[] {
  if (wanted === undefined || wanted.length === 0) return [];
  return [`a.${axis} in (${wanted.map((text) => codeOf(codes, text)).join(", ")})`];
}

function experimentKeys(store: Store, names: readonly string[]): readonly number[] {
  return store
    .all<{ key: number }>(
      "select key from main.experiments where name in (select value from json_each(?))",
      JSON.stringify(names),
    )
    .map(({ key }) => key);
}
