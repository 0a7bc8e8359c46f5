/** @file What the other charts of Compare draw, over every trial in scope, and the baselines beside it. */

import { axes, keptAxes, lineAxes } from "../axes.ts";
import { compareScores } from "../metrics.ts";
import { inOrder } from "../natural-order.ts";
import { groupPlaces } from "../trial-columns.ts";
import type { View } from "../view.ts";
import { bestFirstOf, fetchGrouped, type Group, groupAt } from "./groups.ts";
import { parametersOf } from "./order.ts";
import { type Scope, wordOf } from "./scope.ts";

/** Scores by any two axes; one cell per pair that has a finished trial. */
export type Cell = Pick<Group, "trials" | "mean" | "low" | "high"> & {
  readonly x: string;
  readonly y: string;
};
export type Grid = {
  readonly xs: readonly string[];
  readonly ys: readonly string[];
  readonly cells: readonly Cell[];
};

/** Means over all trials of each cell. */
export function fetchGrid(scope: Scope, { x, y }: Pick<View, "x" | "y">): Grid {
  const grouped = fetchGrouped(scope, [x, y]);
  const cells = Array.from(grouped.first, (_, i): Cell => {
    const { values, trials, mean, low, high } = groupAt(scope, grouped, i);
    return { x: values[x] ?? "", y: values[y] ?? "", trials, mean, low, high };
  });
  return {
    xs: sorted(cells.map((cell) => cell.x)),
    ys: sorted(cells.map((cell) => cell.y)),
    cells,
  };
}

/** One poly-line of the parallel coordinates: a combination of everything not collapsed. */
export type Combination = Pick<Group, "values" | "trials" | "mean">;
export type Combinations = { readonly drawn: readonly Combination[]; readonly total: number };

/** Combinations drawn at most; above it they are thinned evenly by rank, and the chart says so. */
export const combinationLimit = 1500;

/** Every combination of the axes that are not collapsed. */
export function fetchCombinations(scope: Scope, view: View): Combinations {
  const grouped = fetchGrouped(scope, keptAxes(axes, view.collapse));
  const order = bestFirstOf(grouped, -1);
  const every = Math.ceil(order.length / combinationLimit);
  const drawn = order
    .filter((_, place) => place % every === 0 || place === order.length - 1)
    .map((i) => {
      const { values, trials, mean } = groupAt(scope, grouped, i);
      return { values, trials, mean };
    });
  return { drawn, total: order.length };
}

/** A dot of the scatter: the best layer of a line, against the size of its model. */
export type Sized = Combination & Pick<Group, "low" | "high"> & { readonly parameters: number };

export type Sizes = {
  readonly drawn: readonly Sized[];
  readonly total: number;
  /** Lines of models whose sizes are not known. */
  readonly unknown: number;
};

/** Best point of every line, with the parameters of its model. */
export function fetchSizes(scope: Scope, view: View): Sizes {
  const keys = keptAxes(
    lineAxes,
    view.collapse.filter((axis) => axis !== "model"),
  );
  const points = fetchGrouped(scope, [...keys, "layer"]);
  const lines = groupPlaces(scope.columns().facts, points.first, keys);
  const best = new Int32Array(lines.first.length).fill(-1);
  for (let i = 0; i < points.first.length; i++) {
    const line = lines.of[i] ?? 0;
    const known = best[line] ?? -1;
    const gain = compareScores(scope.metric, points.mean[i] ?? 0, points.mean[known] ?? 0);
    if (known < 0 || gain > 0) best[line] = i;
  }
  const parameters = parametersOf(scope);
  const sizeOf = (i: number) => {
    const place = points.first[i] ?? 0;
    return parameters.get(scope.columns().facts.codes.model[place] ?? 0);
  };
  const sized = Array.from(best).filter((i) => sizeOf(i) !== undefined);
  const drawn = sized
    .sort((a, b) => compareScores(scope.metric, points.mean[b] ?? 0, points.mean[a] ?? 0))
    .slice(0, combinationLimit)
    .map((i) => {
      const { values, trials, mean, low, high } = groupAt(scope, points, i);
      return { values, trials, mean, low, high, parameters: sizeOf(i) ?? 0 };
    });
  return { drawn, total: sized.length, unknown: best.length - sized.length };
}

/** What scores without a trained model: a predictor that reads no text, word counts, a model with random weights. */
export type Baseline = { readonly dataset: string; readonly name: string; readonly value: number };

/** Baselines of the datasets in a view (all, when it names none). */
export function fetchBaselines(scope: Scope, datasets: readonly string[]): readonly Baseline[] {
  const rows = scope.store.all<{ dataset: number; name: string; value: number }>(
    `select n.code as dataset, b.name, avg(b.value) as value from main.baselines b
       join main.splits s on s.id = b.split join temp.names n on n.id = s.dataset
       where b.metric = ? group by n.code, b.name order by b.name`,
    scope.metric,
  );
  return [...rows, ...fetchUntrained(scope)]
    .map((row) => ({ ...row, dataset: wordOf(scope.words, row.dataset) }))
    .filter((row) => datasets.length === 0 || datasets.includes(row.dataset));
}

/** The best trial of the randomly initialised models of each dataset. */
function fetchUntrained({ store, metric }: Scope) {
  const untrained = new Set(
    store
      .all<{ code: number }>(
        `select n.code from main.models m join temp.names n on n.id = m.id
           where m.name like '%, random weights%'`,
      )
      .map(({ code }) => code),
  );
  if (untrained.size === 0) return [];
  const { dataset, model } = store.facts.codes;
  const { mean } = store.scores(metric);
  const best = new Map<number, number>();
  for (let place = 0; place < mean.length; place++) {
    const value = mean[place] ?? Number.NaN;
    if (Number.isNaN(value) || !untrained.has(model[place] ?? 0)) continue;
    const known = best.get(dataset[place] ?? 0);
    if (known === undefined || compareScores(metric, value, known) > 0)
      best.set(dataset[place] ?? 0, value);
  }
  return Array.from(best, ([code, value]) => ({ dataset: code, name: "random model", value }));
}

/** Natural order: 2 before 10, words after numbers. */
export function sorted(values: readonly string[]): readonly string[] {
  return [...new Set(values)].toSorted(inOrder);
}
