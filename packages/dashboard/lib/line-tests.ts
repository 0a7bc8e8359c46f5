/** @file Which layers and poolings the drawn lines can not be told from their best: the paired tests of the store, on what is drawn. */

import { correctedTTest, holm } from "@probegrid/probes/statistics";
import {
  type Compared,
  type ComparedGroup,
  compareChosen,
  notOverFolds,
  pairedTests,
} from "@probegrid/runner/store";
import { bestPoint, compareScores } from "./metrics.ts";
import type { FoldScore, Line, Point } from "./queries/lines.ts";
import type { Scope } from "./queries/scope.ts";
import { level, type Verdict } from "./verdict.ts";

export type LineTests = {
  /** Names of the tests that were made. */
  readonly tests: readonly string[];
  /** How many were adjusted together. */
  readonly count: number;
  /** Per line: each layer but the best one; null where a line could not be tested. */
  readonly layers: readonly (Readonly<Record<string, Verdict>> | null)[];
  /** Per line: its best trial beside that of the best pooling of the same dataset, model, classifier and seed. */
  readonly poolings: readonly (Verdict | null)[];
};

/** Test rows to compare at most, over all trials; above it the tests are over folds. */
const mostRows = 30e6;

/** Lines whose best point is one trial, by the tests of `probegrid compare`: that trial against all points that are one; Holm over all lines. */
export function testLines(scope: Scope, lines: readonly Line[], limit: number): LineTests {
  const untested = {
    tests: [],
    count: 0,
    layers: lines.map(() => null),
    poolings: lines.map(() => null),
  };
  if (notOverFolds.has(scope.metric)) return untested;
  let trials = 0;
  const keys = lines.map(({ points }) => {
    const single = points.filter((point) => point.trials === 1);
    if (bestPoint(scope.metric, points).trials > 1) return [];
    trials += single.length;
    return trials <= limit ? single.map(({ key }) => key) : [];
  });
  const { groups, tests: count } = scope.store.known(
    JSON.stringify(["tests", scope.metric, keys]),
    () =>
      compareChosen(scope.store.opened, keys, {
        metric: scope.metric,
        test: rowsOf(scope, keys.flat()) > mostRows ? "corrected-t" : null,
      }),
  );
  if (count === 0) return untested;
  const byBest = (over: ComparedGroup["over"]) =>
    new Map(groups.filter((group) => group.over === over).map((group) => [group.best.key, group]));
  const [overLayers, overPoolings] = [byBest("layers"), byBest("poolings")];
  const verdicts = new Map<number, Verdict>();
  for (const { others } of overPoolings.values()) {
    for (const other of others) verdicts.set(other.key, verdictOf(other));
  }
  const groupOf = (own: readonly number[]) =>
    own.map((key) => overLayers.get(key)).find((group) => group !== undefined);
  return {
    tests: [...new Set(groups.map(({ test }) => pairedTests[test].title))],
    count,
    layers: lines.map(({ points }, i) => {
      const others = groupOf(keys[i] ?? [])?.others ?? [];
      const layers = new Map(points.map(({ key, layer }) => [key, layer]));
      return others.length === 0 || others.every(({ p }) => p === null)
        ? null
        : Object.fromEntries(others.map((one) => [layers.get(one.key) ?? "", verdictOf(one)]));
    }),
    poolings: keys.map((own) => {
      const best = groupOf(own)?.best.key;
      return (best === undefined ? undefined : verdicts.get(best)) ?? null;
    }),
  };
}

function verdictOf({ difference, adjusted, distinguishable }: Compared): Verdict {
  return { difference, p: adjusted, distinguishable };
}

/** Rows that the tests over items would read. */
function rowsOf(scope: Scope, keys: readonly number[]): number {
  const [row] = scope.store.all<{ rows: number | null }>(
    `select sum(d.rows) as rows from json_each(?) k join main.trials t on t.key = k.value
       join main.datasets d on d.id = t.dataset`,
    JSON.stringify(keys),
  );
  return row?.rows ?? 0;
}

/** What an averaged line is tested by. */
export const averagedTest = "corrected resampled t on fold means";

type Averaged = {
  readonly metric: string;
  readonly scores: readonly FoldScore[];
  readonly best: Point;
  /** Test rows per training row. */
  readonly testToTrain: number;
};

/** The same for a line whose points average several trials: each layer against the best, by its mean score in every fold; Holm over the line. */
export function testAveraged({
  metric,
  scores,
  best,
  testToTrain,
}: Averaged): Readonly<Record<string, Verdict>> | null {
  const byLayer = new Map<string, FoldScore[]>();
  for (const score of scores) {
    const own = byLayer.get(score.layer);
    if (own === undefined) byLayer.set(score.layer, [score]);
    else own.push(score);
  }
  const reference = byLayer.get(best.layer) ?? [];
  if (reference.length < 2 || notOverFolds.has(metric)) return null;
  const tested: { layer: string; difference: number; p: number }[] = [];
  for (const [layer, own] of byLayer) {
    if (layer === best.layer) continue;
    const differences = reference.flatMap((score) => {
      const twin = own.find((other) => other.fold === score.fold && other.trials === score.trials);
      return twin === undefined ? [] : [compareScores(metric, score.value, twin.value)];
    });
    if (differences.length !== reference.length) continue; // unequal grids can not be paired
    const difference = differences.reduce((sum, one) => sum + one, 0) / differences.length;
    tested.push({ layer, difference, p: correctedTTest(differences, testToTrain)?.p ?? 1 });
  }
  if (tested.length === 0) return null;
  const adjusted = holm(tested.map(({ p }) => p));
  return Object.fromEntries(
    tested.map(({ layer, difference }, i) => {
      const p = adjusted[i] ?? 1;
      return [layer, { difference, p, distinguishable: p < level }];
    }),
  );
}
