/** @file Stopping a trial after some of its folds, when it can no longer be the best. */

import type { Classifier, ProbeData, ProbeResult } from "@probegrid/probes";
import { probe } from "@probegrid/probes";
import { correctedTTest } from "@probegrid/probes/statistics";
import type { Statistics } from "../experiment/statistics.ts";
import { testToTrainOf } from "../statistics/trial-statistics.ts";
import { leadingMetrics } from "../store/metrics.ts";

/** The best trial so far on the same split: what the others are measured by. */
export type Rival = {
  readonly trial: string;
  /** Its leading metric, by fold. */
  readonly scores: readonly number[];
};

/** What a stopped trial leaves: not its scores under their names, so that it stands beside no trial that has all folds. */
export type Stopped = {
  readonly scores: readonly {
    readonly metric: string;
    readonly fold: number;
    readonly value: number;
  }[];
  readonly flags: readonly string[];
};

type Stopping = {
  readonly classifier: Classifier;
  readonly options: unknown;
  readonly statistics: Statistics;
  readonly rival: Rival | null;
};

/**
 * Probes the first folds alone, and compares them with the rival's. Returns what to record of a trial that is worse with
 * p below `statistics.stop`: the metrics `stoppedAfter` (folds), `stoppedP`, and `stoppedAccuracy` or `stoppedR2` per fold.
 * Null for a trial that goes on.
 */
export async function stopEarly(
  data: ProbeData,
  { classifier, options, statistics, rival }: Stopping,
): Promise<Stopped | null> {
  const { stop, stopAfter } = statistics;
  const folds = data.folds.length;
  if (stop === 0 || rival === null || rival.scores.length !== folds) return null;
  for (let looked = stopAfter; 2 * looked <= folds; looked *= 2) {
    const first = data.folds.slice(0, looked);
    const own = leadingScores(
      await probe({ ...data, folds: first }, classifier, options),
      data.task,
    );
    const p = worseP(own, { rival, testToTrain: testToTrainOf(first) });
    if (p >= stop) continue;
    const metric = data.task === "regression" ? "stoppedR2" : "stoppedAccuracy";
    return {
      scores: [
        ...own.map((value, fold) => ({ metric, fold, value })),
        { metric: "stoppedAfter", fold: 0, value: looked },
        { metric: "stoppedP", fold: 0, value: p },
      ],
      flags: [
        `stopped after ${looked} of ${folds} folds: worse than ${rival.trial}, p ${p.toPrecision(2)}`,
      ],
    };
  }
  return null;
}

/** Leading metric of each fold of a probe. */
export function leadingScores({ scores }: Pick<ProbeResult, "scores">, task: ProbeData["task"]) {
  const values: number[] = [];
  for (const { metric, fold, value } of scores)
    if (metric === leadingMetrics[task]) values[fold] = value;
  return values;
}

type Against = { readonly rival: Rival; readonly testToTrain: number };

/** One-sided p of the rival being no better on the same folds; more is better for leading metrics. */
export function worseP(own: readonly number[], { rival, testToTrain }: Against): number {
  const differences = own.map((value, fold) => (rival.scores[fold] ?? Number.NaN) - value);
  const test = correctedTTest(differences, testToTrain);
  if (test === null || Number.isNaN(test.p)) return 1;
  return test.t > 0 ? test.p / 2 : 1 - test.p / 2;
}
