/** @file Which finished trials a view looks at, as the `from` and `where` of every aggregate. */

import { type Axis, axes, filterAxes, none } from "../axes.ts";
import { type Dictionary, pointsTable, readWords } from "../facts.ts";
import type { Store } from "../store.ts";
import { isEmptySelection, type Selection, type View } from "../view.ts";

/** A metric, the trials asked for, and how to turn the numbers in memory back into words. */
export type Scope = Dictionary & {
  readonly store: Store;
  readonly metric: string;
  /** `temp.points_n p join temp.axes a …`, all trials with this metric. */
  readonly from: string;
  /** The columns of `p` that hold the interval on screen: over folds, or over items. */
  readonly interval: { readonly low: string; readonly high: string };
  /** Conditions of the view, always at least `true`. */
  readonly where: string;
};

/** Builds the scope of a view for one metric. */
export function scopeOf(store: Store, view: View, metric: string): Scope {
  const points = pointsTable(store.database, metric);
  const scope = { store, metric, ...readWords(store.database) };
  return {
    ...scope,
    from: `temp.${points} p join temp.axes a on a.trial = p.trial`,
    interval:
      view.band === "items"
        ? { low: "p.itemLow", high: "p.itemHigh" }
        : { low: "p.low", high: "p.high" },
    where: conditionsOf(scope, view).join(" and ") || "true",
  };
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
