/** @file Which layers and lines can not be told from the best where points average several trials: the same tests on fold means. */

import { correctedTTest, holm } from "@probegrid/probes/statistics";
import { notOverFolds } from "@probegrid/runner/store";
import type { LineTests } from "./line-tests.ts";
import { compareScores } from "./metrics.ts";
import type { FoldScore, Point } from "./queries/lines.ts";
import { level, type Verdict } from "./verdict.ts";

/** What an averaged line is tested by. */
export const averagedTest = "corrected resampled t on fold means";

/** A drawn line with its fold means by layer; none where its folds were not read. */
export type MeansOfLine = {
  readonly dataset: string | undefined;
  readonly best: Point;
  readonly folds: ReadonlyMap<string, readonly FoldScore[]>;
};

type Setting = {
  readonly metric: string;
  /** Test rows per training row of a point's trials in these splits. */
  readonly testToTrain: (best: Point, splits: string) => number;
};

/** Each layer against the best one of its line, and each line against the best of its dataset, at their best layers. */
export function testAveragedLines(
  lines: readonly MeansOfLine[],
  setting: Setting,
): Pick<LineTests, "layers" | "lines"> {
  const behind = new Map<number, Verdict>();
  const bestFolds = (place: number) => {
    const { folds, best } = lines[place] as MeansOfLine;
    return folds.get(best.layer) ?? [];
  };
  for (const [first, ...others] of rankedByDataset(lines, setting.metric)) {
    if (first === undefined) continue;
    const verdicts = testAveraged(setting, {
      point: lines[first]?.best as Point,
      best: bestFolds(first),
      others: new Map(others.map((place) => [String(place), bestFolds(place)])),
    });
    for (const [place, verdict] of Object.entries(verdicts ?? {})) {
      behind.set(Number(place), verdict);
    }
  }
  return {
    layers: lines.map(({ best, folds }) =>
      testAveraged(setting, {
        point: best,
        best: folds.get(best.layer) ?? [],
        others: new Map([...folds].filter(([layer]) => layer !== best.layer)),
      }),
    ),
    lines: lines.map((_, place) => behind.get(place) ?? null),
  };
}

/** Places of the lines of each dataset, the best line first. */
function rankedByDataset(lines: readonly MeansOfLine[], metric: string): Iterable<number[]> {
  const ranked = new Map<string | undefined, number[]>();
  const meanOf = (place: number) => lines[place]?.best.mean ?? 0;
  for (const place of lines
    .map((_, i) => i)
    .sort((a, b) => compareScores(metric, meanOf(b), meanOf(a)))) {
    const dataset = lines[place]?.dataset;
    ranked.set(dataset, [...(ranked.get(dataset) ?? []), place]);
  }
  return ranked.values();
}

type Means = {
  readonly point: Point;
  readonly best: readonly FoldScore[];
  readonly others: ReadonlyMap<string, readonly FoldScore[]>;
};

/** Each of the others against the best, by its mean score in every fold of the same splits; Holm over the others. */
function testAveraged(
  { metric, testToTrain }: Setting,
  { point, best, others }: Means,
): Readonly<Record<string, Verdict>> | null {
  if (best.length < 2 || notOverFolds.has(metric)) return null;
  const share = testToTrain(point, best[0]?.splits ?? "");
  const tested: { name: string; difference: number; p: number }[] = [];
  for (const [name, own] of others) {
    const differences = best.flatMap((score) => {
      const twin = own.find((other) => arePaired(score, other));
      return twin === undefined ? [] : [compareScores(metric, score.value, twin.value)];
    });
    if (differences.length !== best.length) continue; // unequal grids can not be paired
    const difference = differences.reduce((sum, one) => sum + one, 0) / differences.length;
    tested.push({ name, difference, p: correctedTTest(differences, share)?.p ?? 1 });
  }
  if (tested.length === 0) return null;
  const adjusted = holm(tested.map(({ p }) => p));
  return Object.fromEntries(
    tested.map(({ name, difference }, i) => {
      const p = adjusted[i] ?? 1;
      return [name, { difference, p, distinguishable: p < level }];
    }),
  );
}

/** Whether two means are of the same fold of the same splits, over as many trials. */
function arePaired(one: FoldScore, other: FoldScore): boolean {
  return one.fold === other.fold && one.trials === other.trials && one.splits === other.splits;
}
