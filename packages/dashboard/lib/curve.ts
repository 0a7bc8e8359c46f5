/** @file The layer curve: lines with their folds, which layers tie with the best, and the baselines. */

import { lowerIsBetter } from "@probegrid/runner/store";
import { averagedTest, testAveragedLines } from "./averaged-tests.ts";
import { shortLabels } from "./labels.ts";
import { type LineTests, testLines } from "./line-tests.ts";
import { bestPoint, compareScores } from "./metrics.ts";
import { inOrder } from "./natural-order.ts";
import { type Baseline, fetchBaselines } from "./queries/compare.ts";
import { type FoldScore, fetchFolds, fetchLines, type Line, type Point } from "./queries/lines.ts";
import type { Scope } from "./queries/scope.ts";
import { fetchTestShare } from "./queries/splits.ts";
import type { Verdict } from "./verdict.ts";
import type { View } from "./view.ts";

/** A line as drawn. */
export type CurveLine = Line & {
  readonly label: string;
  readonly best: Point;
  /** Every other layer beside the best one; null where that could not be tested. */
  readonly verdicts: Readonly<Record<string, Verdict>> | null;
  /** Layers that the tests do not tell from the best one; null where that could not be tested. */
  readonly ties: readonly string[] | null;
  /** Its best point beside that of the best line of the same dataset; null for that one and where it could not be tested. */
  readonly behind: Verdict | null;
};

export type Curve = {
  readonly metric: string;
  readonly lines: readonly CurveLine[];
  /** Lines there are; those not drawn scored lower. */
  readonly total: number;
  /** Layers in the order of the axis: by index, poolings of several layers last. */
  readonly layers: readonly string[];
  readonly folds: readonly Omit<FoldScore, "splits">[];
  readonly baselines: readonly Baseline[];
  readonly lowerIsBetter: boolean;
  /** What the intervals are over. */
  readonly band: View["band"];
  /** Names of the paired tests, and how many p values Holm adjusted together. */
  readonly tests: Pick<LineTests, "tests" | "count">;
};

/** Trials whose folds are read at most, to test for ties or to draw; lines beyond it go without, and the chart says so. */
const foldTrials = { test: 2000, draw: 10_000 } as const;

/** Everything the layer curve draws. */
export function fetchCurve(scope: Scope, view: View): Curve {
  const { metric } = scope;
  const { lines, total } = fetchLines(scope, view);
  const labels = shortLabels(lines.map((line) => line.values));
  const found = testLines(scope, lines, foldTrials.test);
  const bests = lines.map(({ points }) => bestPoint(metric, points));
  const averaged = lines.filter((_, place) => (bests[place]?.trials ?? 0) > 1);
  const read = linesWithin(
    view.folds ? lines : averaged,
    view.folds ? foldTrials.draw : foldTrials.test,
  );
  const folds = read.length > 0 ? fetchFolds(scope, read) : [];
  const means = lines.map((line, place) => ({
    dataset: line.values.dataset,
    best: bests[place] as Point,
    folds: averaged.includes(line) ? byLayer(folds, read.indexOf(line)) : new Map(),
  }));
  const overMeans = testAveragedLines(means, {
    metric,
    testToTrain: ({ key }, splits) => fetchTestShare(scope, key, splits),
  });
  const drawn = lines.map((line, place): CurveLine => {
    const verdicts = overMeans.layers[place] ?? found.layers[place] ?? null;
    const ties = verdicts === null ? null : tiesOf(verdicts);
    return {
      ...line,
      label: labels[place] ?? "",
      best: bests[place] as Point,
      verdicts,
      ties,
      behind: overMeans.lines[place] ?? found.lines[place] ?? null,
    };
  });
  const datasets = new Set(lines.flatMap((line) => line.values.dataset ?? []));
  const averagedTested = drawn.some(
    (line, i) => line.verdicts !== null && found.layers[i] === null,
  );
  return {
    metric,
    lines: drawn,
    total,
    layers: layersOf(lines),
    folds: view.folds
      ? folds.map(({ splits: _, ...score }) => ({
          ...score,
          line: lines.indexOf(read[score.line] as Line),
        }))
      : [],
    baselines: fetchBaselines(scope, datasets.size > 0 ? [...datasets] : view.dataset),
    lowerIsBetter: lowerIsBetter.has(metric),
    band: view.band,
    tests: {
      tests: averagedTested ? [...found.tests, averagedTest] : found.tests,
      count: found.count,
    },
  };
}

/** Fold means of one of the lines that were read, by layer. */
function byLayer(folds: readonly FoldScore[], line: number): Map<string, FoldScore[]> {
  const layers = new Map<string, FoldScore[]>();
  for (const score of folds) {
    if (score.line !== line) continue;
    const own = layers.get(score.layer);
    if (own === undefined) layers.set(score.layer, [score]);
    else own.push(score);
  }
  return layers;
}

function tiesOf(verdicts: Readonly<Record<string, Verdict>>): readonly string[] {
  return Object.entries(verdicts)
    .filter(([, { distinguishable }]) => !distinguishable)
    .map(([layer]) => layer)
    .toSorted(inOrder);
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
    inOrder(a.values.dataset ?? "", b.values.dataset ?? ""),
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

/** Layers of all lines: numbered ones in order, then the others by name. */
export function layersOf(lines: readonly Line[]): readonly string[] {
  const places = new Map<string, number>();
  for (const { points } of lines) {
    for (const point of points)
      places.set(point.layer, point.layerIndex ?? Number.POSITIVE_INFINITY);
  }
  return [...places.keys()].toSorted((a, b) => {
    const [one, other] = [places.get(a) ?? 0, places.get(b) ?? 0];
    return one === other ? inOrder(a, b) : one - other;
  });
}
