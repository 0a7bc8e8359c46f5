/** @file Which finished trials a view looks at, as the `from` and `where` of every aggregate. */

import { type Axis, axes, filterAxes, none } from "../axes.ts";
import type { Dictionary } from "../facts.ts";
import type { Store } from "../store.ts";
import { type FactColumns, placesWithin, type ScoreColumns } from "../trial-columns.ts";
import { isEmptySelection, type Selection, type View } from "../view.ts";

/** A metric, the trials asked for, and how to turn the numbers in memory back into words. */
export type Scope = Dictionary & {
  readonly store: Store;
  readonly metric: string;
  /** The trials of the view that have the metric, as places in columns of numbers. */
  readonly columns: () => ScopeColumns;
  /** Places of all trials of the view, also of those that are not done. */
  readonly trials: () => Int32Array;
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
  const { facts } = store;
  const { words, codes } = facts.dictionary;
  const asked = once(() => ({ wanted: wantedOf(codes, view), members: membersOf(store, view) }));
  return {
    ...{ store, metric, words, codes },
    trials: once(() => placesWithin(facts, null, asked())),
    columns: once(() => {
      const { mean, low, high, itemLow, itemHigh } = store.scores(metric);
      const ends = view.band === "items" ? { low: itemLow, high: itemHigh } : { low, high };
      const places = comparable(facts, metric, placesWithin(facts, { mean }, asked()));
      return { facts, scores: { mean, ...ends }, places };
    }),
  };
}

/**
 * Trials whose scores answer the same question. The accuracy of an attribution is that of the model it explains, not of
 * the method, so it does not stand among probes and trainings; alone it may.
 */
function comparable(
  { kind, dictionary }: Store["facts"],
  metric: string,
  places: Int32Array,
): Int32Array {
  if (metric !== "accuracy") return places;
  const attribution = dictionary.codes.get("attribute");
  const others = places.filter((place) => kind[place] !== attribution);
  return others.length > 0 ? others : places;
}

/** The numbers that the filters of a view ask for, on each axis that has one. */
function wantedOf(
  codes: Dictionary["codes"],
  view: Pick<View, (typeof filterAxes)[number]>,
): ReadonlyMap<Axis, readonly number[]> {
  return new Map(
    filterAxes
      .filter((axis) => view[axis].length > 0)
      .map((axis) => [axis, view[axis].map((text) => codeOf(codes, text))]),
  );
}

/** Row numbers of the trials of the experiments in a view; null where it names none. */
export function membersOf(
  store: Store,
  { experiment }: Pick<View, "experiment">,
): ReadonlySet<number> | null {
  if (experiment.length === 0) return null;
  const names = JSON.stringify(experiment);
  return store.column(`members ${names}`, () => {
    const rows = store.rows<[number]>(
      `select et.trial from main.experiments e join main.experiment_trials et on et.experiment = e.key
         where e.name in (select value from json_each(?))`,
      names,
    );
    return new Set(rows.map(([trial]) => trial));
  });
}

function once<Result>(make: () => Result): () => Result {
  let made: { readonly result: Result } | null = null;
  return () => {
    made ??= { result: make() };
    return made.result;
  };
}

/** Those of some places that are selected in the charts; a trial without a score is in no range of scores. */
export function selectedOf(scope: Scope, selection: Selection, places: Int32Array): Int32Array {
  if (isEmptySelection(selection)) return places;
  const { facts } = scope.store;
  const tests = axes.flatMap((axis) => {
    const wanted = selection[axis];
    if (wanted === undefined || wanted.length === 0) return [];
    return [[facts.codes[axis], new Set(wanted.map((text) => codeOf(scope.codes, text)))] as const];
  });
  const [low, high] = selection.score ?? [];
  const { mean } = scope.store.scores(scope.metric);
  return places.filter((place) => {
    if (!tests.every(([column, wanted]) => wanted.has(column[place] ?? -1))) return false;
    const score = mean[place] ?? Number.NaN;
    return low === undefined || high === undefined || (score >= low && score <= high);
  });
}

/** The text behind a number, `none` where a trial has no value. */
export function wordOf(words: readonly string[], code: number): string {
  return words[code] || none;
}

/** The number behind a text as the screen shows it. */
export function codeOf(codes: ReadonlyMap<string, number>, text: string): number {
  return codes.get(text === none ? "" : text) ?? -1;
}
