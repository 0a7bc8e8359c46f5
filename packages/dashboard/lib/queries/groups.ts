/** @file Means over trials that agree on some axes: what every chart of Compare is made of. */

import type { Axis } from "../axes.ts";
import { type GroupMeans, type Groups, groupPlaces, meansOf } from "../trial-columns.ts";
import { type Scope, wordOf } from "./scope.ts";

/** Groups as columns; of thousands only those that are drawn become objects. */
export type Grouped = Groups & GroupMeans & { readonly keys: readonly Axis[] };

/** What one point of a chart stands for: the mean over its trials, and of their intervals. */
export type Group = {
  /** What its trials agree on. */
  readonly values: Partial<Record<Axis, string>>;
  /** Index into the hidden states, null where several layers are pooled. */
  readonly layerIndex: number | null;
  readonly trials: number;
  /** Row number of its trial in the store; of the first one where there are several. */
  readonly key: number;
  readonly mean: number;
  /** Null where there is one fold only. */
  readonly low: number | null;
  readonly high: number | null;
};

/** Groups all trials of a scope, in the order in which the groups are met. */
export function fetchGrouped(scope: Scope, keys: readonly Axis[]): Grouped {
  const { facts, scores, places } = scope.columns();
  const groups = groupPlaces(facts, places, keys);
  return { keys, ...groups, ...meansOf(groups, places, scores) };
}

/** One of the groups. */
export function groupAt(scope: Scope, grouped: Grouped, i: number): Group {
  const { trials, layerIndex } = scope.columns().facts;
  const place = grouped.first[i] ?? 0;
  const index = layerIndex[place] ?? -1;
  return {
    values: wordsAt(scope, grouped.keys, place),
    layerIndex: index < 0 ? null : index,
    trials: grouped.trials[i] ?? 0,
    key: trials[place] ?? 0,
    mean: grouped.mean[i] ?? 0,
    low: orNull(grouped.low[i]),
    high: orNull(grouped.high[i]),
  };
}

/** What a trial is on some axes, by its place in the columns. */
export function wordsAt(
  scope: Scope,
  keys: readonly Axis[],
  place: number,
): Partial<Record<Axis, string>> {
  const { codes } = scope.columns().facts;
  return Object.fromEntries(
    keys.map((axis) => [axis, wordOf(scope.words, codes[axis][place] ?? 0)]),
  );
}

/** Numbers of the groups, the best mean first; of equal ones the first met. */
export function bestFirstOf({ mean }: Pick<Grouped, "mean">, sign: 1 | -1): readonly number[] {
  return Array.from(mean, (_, i) => i).sort((a, b) => sign * ((mean[b] ?? 0) - (mean[a] ?? 0)));
}

function orNull(value: number | undefined): number | null {
  return value === undefined || Number.isNaN(value) ? null : value;
}
