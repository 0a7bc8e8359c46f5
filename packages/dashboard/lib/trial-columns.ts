/**
 * @file The facts and scores of every trial as columns of numbers, for grouping: one pass over typed arrays takes
 * milliseconds where a sorting database takes a tenth of a second, at 100,000 trials.
 */

import type { Axis } from "./axes.ts";
import { portion } from "./facts.ts";
import { boundsOf } from "./metrics.ts";
import type { Database } from "./store.ts";

/** What tells trials apart, one entry per trial, in the order of their row numbers. */
export type FactColumns = {
  /** Row numbers in the store, ascending. */
  readonly trials: Int32Array;
  /** Index into the hidden states, -1 where several layers are pooled. */
  readonly layerIndex: Int32Array;
  /** Number of "probe", "finetune" or "attribute". */
  readonly kind: Int32Array;
  /** Number of the split. */
  readonly split: Int32Array;
  /** Number of the text on each axis. */
  readonly codes: Readonly<Record<Axis, Int32Array>>;
};

/** Summaries of one metric beside the facts; NaN where a trial has none. */
export type ScoreColumns = {
  /** Summaries there were when they were read. */
  readonly rows: number;
  readonly mean: Float64Array;
  readonly std: Float64Array;
  readonly folds: Float64Array;
  readonly low: Float64Array;
  readonly high: Float64Array;
  readonly itemLow: Float64Array;
  readonly itemHigh: Float64Array;
};

/** Reads the summaries of a metric in steps; intervals end where the metric does. */
export function* readScoreColumns(
  database: Database,
  metric: string,
  { trials }: Pick<FactColumns, "trials">,
): Generator<void, ScoreColumns> {
  const columns = scoreNames.map(() => new Float64Array(trials.length).fill(Number.NaN));
  const count = countScores(database, metric);
  const [least, greatest] = boundsOf(metric);
  const [low, high] = [least ?? Number.NEGATIVE_INFINITY, greatest ?? Number.POSITIVE_INFINITY];
  const read = database
    .prepare(
      `select trial, ${scoreNames.join(", ")} from main.summaries indexed by summaries_by_metric
         where metric = ? and trial > ? order by trial limit ${portion}`,
    )
    .raw();
  let at = 0;
  for (let last = 0; ; ) {
    const rows = read.all(metric, last) as [number, ...(number | null)[]][];
    for (const row of rows) {
      while (at < trials.length && (trials[at] ?? 0) < row[0]) at++;
      if (trials[at] !== row[0]) continue; // came after the facts were read
      for (let i = 0; i < columns.length; i++) {
        const value = row[i + 1] ?? Number.NaN;
        // Intervals may leave what the metric can be; nobody should see an accuracy above 1.
        (columns[i] as Float64Array)[at] =
          i < unbounded ? value : Math.max(low, Math.min(high, value));
      }
    }
    if (rows.length < portion) break;
    last = rows.at(-1)?.[0] ?? last;
    yield;
  }
  const named = Object.fromEntries(scoreNames.map((name, i) => [name, columns[i]]));
  return { rows: count, ...named } as unknown as ScoreColumns;
}

/** How many trials have a summary of a metric. */
export function countScores(database: Database, metric: string): number {
  return database
    .prepare("select count(*) from main.summaries indexed by summaries_by_metric where metric = ?")
    .pluck()
    .get(metric) as number;
}

/** What is read of a summary: first what no bound cuts, then the ends of intervals. */
const scoreNames = ["mean", "std", "folds", "low", "high", "itemLow", "itemHigh"] as const;
const unbounded = 3;

/** Does all steps at once. */
export function atOnce<Result>(steps: Generator<void, Result>): Result {
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
  }
}

/** Places in the columns of the trials that have, on every axis that is asked for, one of the codes, and a score where scores are given. */
export function placesWithin(
  { codes, trials }: FactColumns,
  scores: Pick<ScoreColumns, "mean"> | null,
  {
    wanted,
    members,
  }: {
    readonly wanted: ReadonlyMap<Axis, readonly number[]>;
    /** Row numbers to choose from; null for all. */
    readonly members: ReadonlySet<number> | null;
  },
): Int32Array {
  const tests = Array.from(wanted, ([axis, some]) => [codes[axis], new Set(some)] as const);
  const places = new Int32Array(trials.length);
  let count = 0;
  for (let i = 0; i < trials.length; i++) {
    if (scores !== null && Number.isNaN(scores.mean[i])) continue;
    if (members !== null && !members.has(trials[i] ?? 0)) continue;
    if (tests.every(([column, some]) => some.has(column[i] ?? -1))) places[count++] = i;
  }
  return places.slice(0, count);
}

/** Trials that agree on some axes, numbered from 0 as they are met: the number of each place, and one place of each. */
export type Groups = { readonly of: Int32Array; readonly first: Int32Array };

/** Largest table of numbers that groups are looked up in; above it a map takes less room. */
const mostEntries = 1 << 22;

/** Groups places by the axes named; all are one group when none is. */
export function groupPlaces(
  { codes }: FactColumns,
  places: Int32Array,
  keys: readonly Axis[],
): Groups {
  const of = new Int32Array(places.length);
  let count = Math.min(1, places.length);
  for (const key of keys) {
    const column = codes[key];
    let width = 0;
    for (const place of places) width = Math.max(width, (column[place] ?? 0) + 1);
    const known = count * width <= mostEntries ? new Int32Array(count * width) : null;
    const sparse = new Map<number, number>();
    count = 0;
    for (let i = 0; i < places.length; i++) {
      const pair = (of[i] ?? 0) * width + (column[places[i] ?? 0] ?? 0);
      let own = known === null ? (sparse.get(pair) ?? 0) : (known[pair] ?? 0);
      if (own === 0) {
        own = ++count; // one above the number, so that 0 means not met yet
        if (known === null) sparse.set(pair, own);
        else known[pair] = own;
      }
      of[i] = own - 1;
    }
  }
  const first = new Int32Array(count).fill(-1);
  for (let i = 0; i < of.length; i++) {
    const own = of[i] ?? 0;
    if (first[own] === -1) first[own] = places[i] ?? 0;
  }
  return { of, first };
}

/** Means over the trials of each group. */
export type GroupMeans = {
  readonly trials: Int32Array;
  readonly mean: Float64Array;
  /** Means of the ends of intervals; NaN where no trial has them. */
  readonly low: Float64Array;
  readonly high: Float64Array;
};

/** Averages scores over groups; an interval's end over the trials that have one. */
export function meansOf(
  groups: Groups,
  places: Int32Array,
  columns: Pick<ScoreColumns, "mean" | "low" | "high">,
): GroupMeans {
  const count = groups.first.length;
  const average = (column: Float64Array) => {
    const [sums, counts] = [new Float64Array(count), new Int32Array(count)];
    for (let i = 0; i < places.length; i++) {
      const value = column[places[i] ?? 0] ?? Number.NaN;
      if (Number.isNaN(value)) continue;
      const own = groups.of[i] ?? 0;
      sums[own] = (sums[own] ?? 0) + value;
      counts[own] = (counts[own] ?? 0) + 1;
    }
    return { means: sums.map((sum, i) => sum / (counts[i] ?? 0)), counts };
  };
  const { means: mean, counts: trials } = average(columns.mean);
  return { trials, mean, low: average(columns.low).means, high: average(columns.high).means };
}
