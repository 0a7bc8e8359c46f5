/** @file Which training of a dataset is the best: by its validation rows, never by those of the final scores. */

import { watchedScore } from "@probegrid/probes";
import { readCurves, type Store } from "../store/index.ts";
import type { PlannedTraining } from "./plan-trainings.ts";
import type { ScoreCurve } from "./pruning.ts";

/** The watched score of a training at each evaluation, as the store has it. */
export function scoreCurve(
  store: Store,
  { id, dataset }: Pick<PlannedTraining, "id" | "dataset">,
): ScoreCurve {
  const watched = watchedScore[dataset.task];
  return readCurves(store, id)
    .filter(({ part, metric }) => part === "validation" && metric === watched)
    .map(({ value }) => value);
}

/** Per dataset, the training with the highest watched score; of equals the first. */
export function bestTrainings(
  store: Store,
  trainings: readonly PlannedTraining[],
): readonly PlannedTraining[] {
  const best = new Map<string, { readonly training: PlannedTraining; readonly score: number }>();
  for (const training of trainings) {
    const score = Math.max(...scoreCurve(store, training));
    const known = best.get(training.dataset.id);
    if (score > (known?.score ?? Number.NEGATIVE_INFINITY)) {
      best.set(training.dataset.id, { training, score });
    }
  }
  return [...best.values()].map(({ training }) => training);
}
