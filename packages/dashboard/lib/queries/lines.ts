/** @file Lines of layer curves: which are best, their points, the scores of their folds. */

import { type Axis, keptAxes, lineAxes } from "../axes.ts";
import { compareScores } from "../metrics.ts";
import { groupPlaces } from "../trial-columns.ts";
import type { View } from "../view.ts";
import { fetchGrouped, type Group, groupAt, wordsAt } from "./groups.ts";
import { codeOf, type Scope, wordOf } from "./scope.ts";

/** A point of a line. */
export type Point = Omit<Group, "values"> & { readonly layer: string };

/** One line of a layer curve: what tells it apart, and its points in layer order. */
export type Line = {
  readonly values: Partial<Record<Axis, string>>;
  readonly points: readonly Point[];
};
export type Lines = { readonly lines: readonly Line[]; readonly total: number };

/**
 * The best lines (of each panel, when split into panels by an axis), ranked by their best point. Without panels,
 * datasets take turns: an easy dataset must not crowd out the others.
 */
export function fetchLines(scope: Scope, view: View, panel?: Axis): Lines {
  const keys = keptAxes(
    lineAxes,
    view.collapse.filter((axis) => axis !== panel),
  );
  const { facts } = scope.columns();
  const points = fetchGrouped(scope, [...keys, "layer"]);
  const lines = groupPlaces(facts, points.first, keys);
  const turn = panel ?? (keys.includes("dataset") ? "dataset" : undefined);
  const ranked = takeTurns(scope.metric, {
    tops: topsOf(scope.metric, { of: lines.of, mean: points.mean, count: lines.first.length }),
    turns: Array.from(lines.first, (place) => (turn ? (facts.codes[turn][place] ?? 0) : 0)),
  });
  const chosen =
    panel === undefined
      ? ranked.slice(0, view.lines)
      : ranked.filter(({ round }) => round < view.lines);
  const members = new Map(chosen.map(({ line }) => [line, [] as Point[]]));
  for (let i = 0; i < points.first.length; i++) {
    const own = members.get(lines.of[i] ?? -1);
    if (own === undefined) continue;
    const { values, ...point } = groupAt(scope, points, i);
    own.push({ ...point, layer: values.layer ?? "" });
  }
  return {
    total: lines.first.length,
    lines: chosen.map(({ line }) => ({
      values: wordsAt(scope, keys, lines.first[line] ?? 0),
      points: (members.get(line) ?? []).toSorted(byLayer),
    })),
  };
}

type PointColumns = {
  /** Line of each point. */
  readonly of: Int32Array;
  readonly mean: Float64Array;
  /** How many lines there are. */
  readonly count: number;
};

/** Best mean of each line. */
function topsOf(metric: string, { of, mean, count }: PointColumns): Float64Array {
  const tops = new Float64Array(count).fill(Number.NaN);
  for (let i = 0; i < of.length; i++) {
    const [line, value] = [of[i] ?? 0, mean[i] ?? 0];
    const top = tops[line] ?? Number.NaN;
    if (Number.isNaN(top) || compareScores(metric, value, top) > 0) tops[line] = value;
  }
  return tops;
}

type Ranking = { readonly tops: Float64Array; readonly turns: readonly number[] };

/** Numbers of the lines: the best of every turn, then the second of every turn and so on, each round best first. */
function takeTurns(metric: string, { tops, turns }: Ranking) {
  const rounds = new Map<number, number>();
  const better = (a: number, b: number) => compareScores(metric, tops[b] ?? 0, tops[a] ?? 0);
  return Array.from(tops, (_, line) => line)
    .sort(better)
    .map((line) => {
      const turn = turns[line] ?? 0;
      const round = rounds.get(turn) ?? 0;
      rounds.set(turn, round + 1);
      return { line, round };
    })
    .sort((a, b) => a.round - b.round); // stable: best first within a round
}

/** By index; what pools several layers comes last. */
function byLayer({ layerIndex: a }: Point, { layerIndex: b }: Point): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  return a - b;
}

/** Mean score per fold of every point of some lines; trials that share a fold number are averaged. */
export type FoldScore = {
  readonly line: number;
  readonly layer: string;
  readonly fold: number;
  readonly trials: number;
  /** Splits of these trials: only scores of the same folds can be paired. */
  readonly splits: string;
  readonly value: number;
};

/** Fold scores of lines; meant for the few lines on screen. */
export function fetchFolds(scope: Scope, lines: readonly Line[]): readonly FoldScore[] {
  const keys = Object.keys(lines[0]?.values ?? {}) as Axis[];
  const { facts, places } = scope.columns();
  const { of, first } = groupPlaces(facts, places, keys);
  const idOf = (codes: readonly number[]) => codes.join(" ");
  const wanted = new Map(
    lines.map(({ values }, line) => [
      idOf(keys.map((axis) => codeOf(scope.codes, values[axis] ?? ""))),
      line,
    ]),
  );
  const lineOf = Array.from(first, (place) =>
    wanted.get(idOf(keys.map((axis) => facts.codes[axis][place] ?? 0))),
  );
  const points = new Map<number, Spot>();
  const splits = new Map<string, Set<number>>();
  for (let i = 0; i < places.length; i++) {
    const line = lineOf[of[i] ?? -1];
    const place = places[i] ?? 0;
    if (line === undefined) continue;
    const layer = facts.codes.layer[place] ?? 0;
    const own = splits.get(`${line} ${layer}`) ?? new Set();
    splits.set(`${line} ${layer}`, own.add(facts.split[place] ?? -1));
    points.set(facts.trials[place] ?? 0, { line, layer, splits: own });
  }
  const name = JSON.stringify(["folds", scope.metric, [...points.keys()]]);
  return scope.store.known(name, () => averaged(scope, points));
}

type Spot = {
  readonly line: number;
  readonly layer: number;
  readonly splits: ReadonlySet<number>;
};

/** Scores of some trials, averaged over those at the same spot. */
function averaged(scope: Scope, spots: ReadonlyMap<number, Spot>): readonly FoldScore[] {
  const scores = scope.store.rows<[trial: number, fold: number, value: number]>(
    `select s.trial, s.fold, s.value from json_each(?) k
       cross join main.scores s on s.trial = k.value and s.metric = ?`,
    ...[JSON.stringify([...spots.keys()]), scope.metric],
  );
  const sums = new Map<string, FoldScore & { sum: number; trials: number }>();
  for (const [trial, fold, value] of scores) {
    const spot = spots.get(trial);
    if (spot === undefined) continue;
    const { line, layer } = spot;
    const id = `${line} ${layer} ${fold}`;
    const known = sums.get(id);
    if (known === undefined) {
      const word = wordOf(scope.words, layer);
      const splits = [...spot.splits].sort((a, b) => a - b).join(" ");
      sums.set(id, { line, layer: word, fold, trials: 1, splits, value, sum: value });
    } else {
      known.trials++;
      known.sum += value;
    }
  }
  return Array.from(sums.values(), ({ sum, ...score }) => ({
    ...score,
    value: sum / score.trials,
  }));
}
