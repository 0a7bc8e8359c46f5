/** @file The layer curve: lines with their folds, which layers tie with the best, and the baselines. */

import { correctedTTest, holm } from "@probegrid/probes/statistics";
import type { Axis } from "./axes.ts";
import { shortLabels } from "./labels.ts";
import { compareScores } from "./metrics.ts";
import {
  type Baseline,
  type FoldScore,
  fetchBaselines,
  fetchFolds,
  fetchLines,
  type Line,
  type Point,
} from "./queries/compare.ts";
import type { Scope } from "./queries/scope.ts";
import { fetchTestShare } from "./queries/splits.ts";
import type { View } from "./view.ts";

/** A line as drawn. */
export type CurveLine = Line & {
  readonly label: string;
  readonly best: Point;
  /** Layers whose folds do not tell them from the best layer; null where that could not be tested. */
  readonly ties: readonly string[] | null;
};

export type Curve = {
  readonly metric: string;
  readonly lines: readonly CurveLine[];
  /** Lines there are; those not drawn scored lower. */
  readonly total: number;
  /** Layers in the order of the axis: by index, poolings of several layers last. */
  readonly layers: readonly string[];
  readonly folds: readonly FoldScore[];
  readonly baselines: readonly Baseline[];
};

/** Trials whose folds are read at most, to test for ties or to draw; lines beyond it go without, and the chart says so. */
const foldTrials = { test: 2000, draw: 10_000 } as const;
/** Adjusted p values from here on mean "not distinguishable". */
const level = 0.05;

/** Everything the layer curve draws. */
export function fetchCurve(scope: Scope, view: View): Curve {
  const { lines, total } = fetchLines(scope, view);
  const labels = shortLabels(lines.map((line) => line.values));
  const read = linesWithin(lines, view.folds ? foldTrials.draw : foldTrials.test);
  const folds = read.length > 0 ? fetchFolds(scope, read) : [];
  const share = fetchTestShare(scope, view.dataset);
  const datasets = new Set(lines.flatMap((line) => line.values.dataset ?? []));
  return {
    metric: scope.metric,
    lines: lines.map((line, place) => {
      const best = bestPoint(scope.metric, line.points);
      const own = folds.filter((score) => score.line === place);
      return { ...line, label: labels[place] ?? "", best, ties: tiesOf(own, best, share) };
    }),
    total,
    layers: layersOf(lines),
    folds: view.folds ? folds : [],
    baselines: fetchBaselines(scope, datasets.size > 0 ? [...datasets] : view.dataset),
  };
}

/** The best line of every dataset, in the order of their names; one line where datasets are collapsed. */
export function bestLines(curve: Curve): readonly CurveLine[] {
  const best = new Map<string | undefined, CurveLine>();
  for (const line of curve.lines) {
    const known = best.get(line.values.dataset);
    if (known === undefined || compareScores(curve.metric, line.best.mean, known.best.mean) > 0) {
      best.set(line.values.dataset, line);
    }
  }
  return [...best.values()].toSorted((a, b) =>
    (a.values.dataset ?? "").localeCompare(b.values.dataset ?? "", "en", { numeric: true }),
  );
}

/** The first lines that have at most so many trials together. */
function linesWithin(lines: readonly Line[], limit: number): readonly Line[] {
  let trials = 0;
  return lines.filter(({ points }) => {
    trials += points.reduce((sum, point) => sum + point.trials, 0);
    return trials <= limit;
  });
}

/** The best of some points. */
export function bestPoint(metric: string, points: readonly Point[]): Point {
  return points.reduce((best, point) =>
    compareScores(metric, point.mean, best.mean) > 0 ? point : best,
  );
}

/** Layers of all lines: numbered ones in order, then the others by name. */
export function layersOf(lines: readonly Line[]): readonly string[] {
  const places = new Map<string, number>();
  for (const { points } of lines) {
    for (const point of points)
      places.set(point.layer, point.layerIndex ?? Number.POSITIVE_INFINITY);
  }
  return [...places.keys()].toSorted((a, b) => {
    const [one, other] = [places.get(a) ?? 0, places.get(b) ?? 0];
    return one === other ? a.localeCompare(b, "en", { numeric: true }) : one - other;
  });
}

/** Compares each layer with the best one, fold by fold. */
function tiesOf(
  scores: readonly FoldScore[],
  best: Point,
  testToTrain: number,
): readonly string[] | null {
  const byLayer = new Map<string, FoldScore[]>();
  for (const score of scores) {
    byLayer.set(score.layer, [...(byLayer.get(score.layer) ?? []), score]);
  }
  const reference = byLayer.get(best.layer) ?? [];
  if (reference.length < 2) return null;
  const tested: { layer: string; p: number }[] = [];
  for (const [layer, own] of byLayer) {
    if (layer === best.layer) continue;
    const differences = reference.flatMap((score) => {
      const twin = own.find((other) => other.fold === score.fold && other.trials === score.trials);
      return twin === undefined ? [] : [score.value - twin.value];
    });
    if (differences.length !== reference.length) return null; // unequal grids can not be paired
    tested.push({ layer, p: correctedTTest(differences, testToTrain)?.p ?? 1 });
  }
  const adjusted = holm(tested.map(({ p }) => p));
  return tested
    .filter((_, i) => (adjusted[i] ?? 0) >= level)
    .map(({ layer }) => layer)
    .toSorted((a, b) => a.localeCompare(b, "en", { numeric: true }));
}

/** The lines of a curve as rows, for the table and the exports. */
export function curveTable(curve: Curve, axes: readonly Axis[]) {
  return {
    columns: [
      ...axes,
      "layer",
      curve.metric,
      "low",
      "high",
      "trials",
      "best",
      "not distinguishable",
    ],
    rows: curve.lines.flatMap((line) =>
      line.points.map((point) => [
        ...axes.map((axis) => line.values[axis] ?? null),
        point.layer,
        point.mean,
        point.low,
        point.high,
        point.trials,
        point === line.best ? "best" : "",
        line.ties?.includes(point.layer) ? "yes" : "",
      ]),
    ),
  };
}
