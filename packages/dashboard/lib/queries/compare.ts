/** @file Aggregates behind the charts of Compare, computed by SQLite over every trial in scope. */

import { type Axis, axes, keptAxes, lineAxes, none } from "../axes.ts";
import { bestFirst } from "../metrics.ts";
import type { View } from "../view.ts";
import { codeOf, type Scope, wordOf } from "./scope.ts";

/** What one point of a chart stands for: the mean over its trials, and of their intervals over folds. */
export type Point = {
  readonly layer: string;
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

/** One line of a layer curve: what tells it apart, and its points in layer order. */
export type Line = {
  readonly values: Partial<Record<Axis, string>>;
  readonly points: readonly Point[];
};
export type Lines = { readonly lines: readonly Line[]; readonly total: number };

type Row = Partial<Record<Axis, number>> & Omit<Point, "layer">;

function pointColumns({ interval: { low, high } }: Scope): string {
  return `count(*) as trials, min(a.layerIndex) as layerIndex, min(a.trial) as key,
    avg(p.mean) as mean, avg(${low}) as low, avg(${high}) as high`;
}

/** The best lines (of each panel, when split into panels by an axis), ranked by their best point. */
export function fetchLines(scope: Scope, view: View, panel?: Axis): Lines {
  const keys = keptAxes(
    lineAxes,
    view.collapse.filter((axis) => axis !== panel),
  );
  const best = fetchBestLines(scope, { keys, panel, limit: view.lines });
  if (best.length === 0) return { lines: [], total: 0 };
  const own = columnsOf(keys);
  const chosen = best.map((line) => `(${keys.map((axis) => line[axis]).join(", ")})`);
  const rows = scope.store.all<Row>(
    `select ${own}, a.layer, ${pointColumns(scope)} from ${scope.from}
       where ${scope.where} and ${keys.length === 0 ? "true" : `(${own}) in (values ${chosen.join(", ")})`}
       group by ${own}, a.layer order by layerIndex is null, layerIndex`,
  );
  const places = new Map(
    best.map((line, place) => [keys.map((axis) => line[axis]).join(" "), place]),
  );
  const lines = gather(scope, keys, rows)
    .toSorted((one, other) => (places.get(one.id) ?? 0) - (places.get(other.id) ?? 0))
    .map(({ values, points }) => ({ values, points }));
  return { lines, total: Number(best[0]?.total ?? 0) };
}

type Wanted = {
  readonly keys: readonly Axis[];
  readonly panel: Axis | undefined;
  readonly limit: number;
};

/**
 * First step: the numbers of the best lines only, so that no other point leaves SQLite. Without panels,
 * datasets take turns: an easy dataset must not crowd out the others.
 */
function fetchBestLines(scope: Scope, { keys, panel, limit }: Wanted) {
  const { best, order } = bestFirst(scope.metric);
  const names = keys.join(", ") || "null";
  const turn = panel ?? (keys.includes("dataset") ? "dataset" : undefined);
  const within = turn === undefined ? "" : `partition by ${turn}`;
  const total = panel === undefined ? "" : `partition by ${panel}`;
  return scope.store.all<Partial<Record<Axis, number>> & { readonly total: number }>(
    `with points as (select ${[...keys, "layer"].map((axis) => `a.${axis}`).join(", ")}, avg(p.mean) as mean
         from ${scope.from} where ${scope.where} group by ${columnsOf(keys)}, a.layer),
       lines as (select ${names}, ${best}(mean) as top from points group by ${names}),
       ranked as (select *, row_number() over (${within} order by top ${order}) as place,
         count(*) over (${total}) as total from lines)
     select * from ranked ${panel === undefined ? "" : `where place <= ${limit}`}
       order by place, top ${order} ${panel === undefined ? `limit ${limit}` : ""}`,
  );
}

/** Scores by any two axes; one cell per pair that has a finished trial. */
export type Cell = { readonly x: string; readonly y: string } & Omit<
  Point,
  "layer" | "layerIndex" | "key"
>;
export type Grid = {
  readonly xs: readonly string[];
  readonly ys: readonly string[];
  readonly cells: readonly Cell[];
};

/** Means over all trials of each cell. */
export function fetchGrid(scope: Scope, { x, y }: Pick<View, "x" | "y">): Grid {
  const rows = scope.store.all<{ x: number; y: number } & Omit<Point, "layer">>(
    `select a.${x} as x, a.${y} as y, ${pointColumns(scope)} from ${scope.from}
       where ${scope.where} group by a.${x}, a.${y}`,
  );
  const cells = rows.map(({ x: column, y: row, trials, mean, low, high }) => ({
    x: wordOf(scope.words, column),
    y: wordOf(scope.words, row),
    trials,
    mean,
    low,
    high,
  }));
  return {
    xs: sorted(cells.map((cell) => cell.x)),
    ys: sorted(cells.map((cell) => cell.y)),
    cells,
  };
}

/** One poly-line of the parallel coordinates: a combination of everything not collapsed. */
export type Combination = {
  readonly values: Partial<Record<Axis, string>>;
  readonly trials: number;
  readonly mean: number;
};
export type Combinations = { readonly drawn: readonly Combination[]; readonly total: number };

/** Combinations drawn at most; above it they are thinned evenly by rank, and the chart says so. */
export const combinationLimit = 1500;

/** Every combination of the axes that are not collapsed. */
export function fetchCombinations(scope: Scope, view: View): Combinations {
  const keys = keptAxes(axes, view.collapse);
  const columns = columnsOf(keys);
  const rows = scope.store.all<
    Partial<Record<Axis, number>> & { trials: number; mean: number; total: number }
  >(
    `with combinations as (
       select ${columns}, count(*) as trials, avg(p.mean) as mean
         from ${scope.from} where ${scope.where} group by ${columns}),
     ranked as (select *, row_number() over (order by mean) as place, count(*) over () as total
       from combinations)
     select * from ranked
       where (place - 1) % ((total + ${combinationLimit - 1}) / ${combinationLimit}) = 0
         or place = total`,
  );
  const drawn = rows.map((row) => ({
    values: valuesOf(scope, keys, row),
    trials: row.trials,
    mean: row.mean,
  }));
  return { drawn, total: rows[0]?.total ?? 0 };
}

/** A dot of the scatter: the best layer of a line, against the size of its model. */
export type Sized = Combination & Pick<Point, "low" | "high"> & { readonly parameters: number };

/** Best point of every line, with the parameters of its model. */
export function fetchSizes(scope: Scope, view: View): { drawn: readonly Sized[]; total: number } {
  const keys = keptAxes(
    lineAxes,
    view.collapse.filter((axis) => axis !== "model"),
  );
  const columns = columnsOf(keys);
  const { best, order } = bestFirst(scope.metric);
  const rows = scope.store.all<
    Partial<Record<Axis, number>> & Sized & { total: number; parameters: number }
  >(
    `with points as (select ${columns}, a.layer, ${pointColumns(scope)} from ${scope.from}
         where ${scope.where} group by ${columns}, a.layer),
       lines as (select ${keys.join(", ")}, layer, trials, low, high, ${best}(mean) as mean
         from points group by ${keys.join(", ")}),
       sizes as (select names.code, max(parameters) as parameters from main.models
         join temp.names on names.id = models.id group by names.code)
     select lines.*, sizes.parameters, count(*) over () as total from lines
       join sizes on sizes.code = lines.model order by mean ${order} limit ${combinationLimit}`,
  );
  const drawn = rows.map((row) => ({
    values: valuesOf(scope, [...keys, "layer"], row),
    trials: row.trials,
    mean: row.mean,
    low: row.low,
    high: row.high,
    parameters: row.parameters,
  }));
  return { drawn, total: rows[0]?.total ?? 0 };
}

/** Mean score per fold of every point of some lines; trials that share a fold number are averaged. */
export type FoldScore = {
  readonly line: number;
  readonly layer: string;
  readonly fold: number;
  readonly trials: number;
  readonly value: number;
};

/** Fold scores of lines; meant for the few lines on screen. */
export function fetchFolds(scope: Scope, lines: readonly Line[]): readonly FoldScore[] {
  const keys = Object.keys(lines[0]?.values ?? {}) as Axis[];
  const own = columnsOf(keys);
  const codes = lines.map(({ values }) =>
    keys.map((axis) => codeOf(scope.codes, values[axis] ?? none)),
  );
  const chosen = codes.map((line) => `(${line.join(", ")})`).join(", ");
  // "cross join" fixes the order: few trials first, then their scores by key.
  const rows = scope.store.all<Partial<Record<Axis, number>> & Omit<FoldScore, "layer" | "line">>(
    `select ${keys.length === 0 ? "" : `${own}, `}a.layer, s.fold, count(*) as trials, avg(s.value) as value
       from ${scope.from} cross join main.scores s on s.trial = a.trial and s.metric = ?
       where ${scope.where} and ${keys.length === 0 ? "true" : `(${own}) in (values ${chosen})`}
       group by ${own}, a.layer, s.fold`,
    scope.metric,
  );
  const places = new Map(codes.map((line, place) => [line.join(" "), place]));
  return rows.map((row) => ({
    line: places.get(keys.map((axis) => row[axis]).join(" ")) ?? 0,
    layer: wordOf(scope.words, row.layer ?? 0),
    fold: row.fold,
    trials: row.trials,
    value: row.value,
  }));
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
function fetchUntrained(scope: Scope) {
  const [points = ""] = scope.from.split(" ", 1);
  return scope.store.all<{ dataset: number; name: string; value: number }>(
    `select a.dataset, 'random model' as name, ${bestFirst(scope.metric).best}(p.mean) as value
       from temp.axes a join ${points} p on p.trial = a.trial
       where a.model in (select n.code from main.models m join temp.names n on n.id = m.id
         where m.name like '%, random weights%') group by a.dataset`,
  );
}

/** Trials of a view by state, so that charts can say what they leave out. */
export function fetchStates(scope: Scope): Readonly<Record<string, number>> {
  const rows = scope.store.all<{ state: string; trials: number }>(
    `select t.state, count(*) as trials from main.trials t join temp.axes a on a.trial = t.key
       where t.state <> 'done' and ${scope.where} group by t.state`,
  );
  return Object.fromEntries(rows.map(({ state, trials }) => [state, trials]));
}

/** Natural order: 2 before 10, words after numbers. */
export function sorted(values: readonly string[]): readonly string[] {
  return [...new Set(values)].toSorted((a, b) => a.localeCompare(b, "en", { numeric: true }));
}

/** Columns of a grouping; grouping by nothing needs one too. */
function columnsOf(keys: readonly Axis[]): string {
  return keys.map((axis) => `a.${axis}`).join(", ") || "null";
}

type Gathered = { readonly id: string; readonly values: Line["values"]; readonly points: Point[] };

function gather(scope: Scope, keys: readonly Axis[], rows: readonly Row[]): readonly Gathered[] {
  const lines = new Map<string, Gathered>();
  for (const row of rows) {
    const id = keys.map((axis) => row[axis]).join(" ");
    const line = lines.get(id) ?? { id, values: valuesOf(scope, keys, row), points: [] };
    lines.set(id, line);
    const { layerIndex, trials, key, mean, low, high } = row;
    const layer = wordOf(scope.words, row.layer ?? 0);
    line.points.push({ layer, layerIndex, trials, key, mean, low, high });
  }
  return [...lines.values()];
}

function valuesOf(
  scope: Scope,
  keys: readonly Axis[],
  row: Partial<Record<Axis, number>>,
): Partial<Record<Axis, string>> {
  return Object.fromEntries(keys.map((axis) => [axis, wordOf(scope.words, row[axis] ?? 0)]));
}
