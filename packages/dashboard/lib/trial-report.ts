/** @file What the page of a trial shows, worked out from the store: plain data that server and browser both can draw. */

import type { Sizes } from "./queries/splits.ts";
import {
  type Bottom,
  type FoldPredictions,
  fetchBottom,
  fetchLosses,
  fetchOwners,
  fetchPredictions,
  fetchScores,
  fetchSizes,
  fetchTrial,
  type Loss,
  type MetricScores,
  type TrialFacts,
} from "./queries/trial.ts";
import { repeatCommand } from "./repeat-command.ts";
import { rocOf, thinned } from "./roc.ts";
import type { Store } from "./store.ts";

export type TrialReport = {
  readonly facts: TrialFacts;
  readonly experiments: readonly string[];
  readonly scores: readonly MetricScores[];
  /** The trial that reads layer 0 and is like this one in all else, with its leading score; null for itself and where there is none. */
  readonly bottom: Bottom | null;
  readonly losses: readonly Loss[];
  readonly sizes: readonly Sizes[];
  readonly confusion: Confusion | null;
  readonly roc: RocReport | null;
  readonly fit: Fit | null;
  readonly command: string | null;
};

/** Counts of tested rows by true class (rows) and predicted class (columns), all folds together. */
export type Confusion = {
  readonly labels: readonly string[];
  readonly counts: readonly (readonly number[])[];
};

type Points = readonly (readonly [number, number])[];
export type RocReport = {
  /** All out-of-fold scores as one list. */
  readonly pooled: { readonly points: Points; readonly area: number };
  readonly folds: readonly Points[];
};

/** True and predicted values of a regression. */
export type Fit = { readonly points: Points; readonly total: number };

/** Points of a regression drawn at most. */
const fitLimit = 2000;

/** The report of a trial, null when the store has no such trial. */
export function reportTrial(store: Store, id: string): TrialReport | null {
  const facts = fetchTrial(store, id);
  if (facts === undefined) return null;
  const owners = fetchOwners(store, facts);
  const predictions = fetchPredictions(store, facts);
  const classes = facts.task === "classification";
  return {
    facts,
    experiments: owners.map(({ name }) => name),
    scores: fetchScores(store, facts),
    bottom: fetchBottom(store, facts),
    losses: fetchLosses(store, facts),
    sizes: fetchSizes(store, facts),
    confusion: classes ? confusionOf(predictions, labelsOf(facts)) : null,
    roc: classes ? rocReport(predictions) : null,
    fit: classes ? null : fitOf(predictions),
    command: repeatCommand(facts, owners),
  };
}

function labelsOf(facts: TrialFacts): readonly string[] {
  return (JSON.parse(facts.labels ?? "[]") as unknown[]).map(String);
}

/** Counts every out-of-fold prediction once. */
export function confusionOf(
  folds: readonly FoldPredictions[],
  labels: readonly string[],
): Confusion | null {
  if (folds.length === 0) return null;
  const counts = labels.map(() => labels.map(() => 0));
  for (const { truth, predicted } of folds) {
    for (const [i, right] of truth.entries()) {
      const row = counts[right];
      const column = predicted[i];
      if (row !== undefined && column !== undefined) row[column] = (row[column] ?? 0) + 1;
    }
  }
  return { labels, counts };
}

function rocReport(folds: readonly FoldPredictions[]): RocReport | null {
  const scored = folds.flatMap(({ truth, scores }) => (scores === null ? [] : [{ truth, scores }]));
  if (scored.length === 0) return null;
  const pooled = rocOf(
    scored.flatMap(({ scores }) => Array.from(scores)),
    scored.flatMap(({ truth }) => Array.from(truth, (label) => label === 1)),
  );
  if (pooled === null) return null;
  const own = scored.map(({ truth, scores }) =>
    rocOf(
      scores,
      Array.from(truth, (label) => label === 1),
    ),
  );
  return {
    pooled: { points: thinned(pooled.points), area: pooled.area },
    folds: own.flatMap((roc) => (roc === null ? [] : [thinned(roc.points, 100)])),
  };
}

function fitOf(folds: readonly FoldPredictions[]): Fit | null {
  const all = folds.flatMap(({ truth, predicted }) =>
    Array.from(truth, (value, i) => [value, predicted[i] ?? 0] as const),
  );
  if (all.length === 0) return null;
  const step = Math.ceil(all.length / fitLimit);
  return { points: all.filter((_, i) => i % step === 0), total: all.length };
}
