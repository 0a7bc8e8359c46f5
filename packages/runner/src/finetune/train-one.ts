/** @file One training of an experiment: handed to a worker, recorded while it runs, scored or failed in the store. */

import type { Device } from "@probegrid/probes";
import type { Executor } from "../executor.ts";
import { isFatal } from "../explain-error.ts";
import { formatDuration, plural } from "../format.ts";
import type { FinetuneLink } from "../jobs/finetune.ts";
import type { Log } from "../log.ts";
import { claimTrials, failTrial, finishTrials, recordCurves, type Store } from "../store/index.ts";
import { scoreCurve } from "./best-training.ts";
import type { PlannedTraining } from "./plan-trainings.ts";
import { pruneReason, type ScoreCurve } from "./pruning.ts";
import { curvePoints, finishedTraining } from "./records.ts";
import { trainInWorker } from "./train-in-worker.ts";

export type TrainingContext = {
  readonly store: Store;
  readonly executor: Executor;
  readonly device: Device;
  /** Id of the environment in the store. */
  readonly environment: string;
  readonly log: Log;
  readonly stop: AbortController;
  /** All of the experiment, in their order. */
  readonly trainings: readonly PlannedTraining[];
  /** Updates done of a training, with those of earlier runs. */
  readonly advance: (training: PlannedTraining, updates: number) => void;
};

/** Trains, records and scores one point; a failure is written to its trial. */
export async function trainOne(
  context: TrainingContext,
  training: PlannedTraining,
): Promise<"done" | "failed" | "stopped"> {
  const { store, log, environment, executor } = context;
  claimTrials(store, [training.id]);
  const several = executor.room("finetune") > 1;
  const name = several ? `train ${training.id.slice(0, 6)}` : "train";
  try {
    const result = await trainInWorker(training, {
      ...{ ...context, name, link: linkTo(context, training) },
      ...(several && { threads: executor.threads }),
    });
    if (result === null) return "stopped";
    finishTrials(store, [finishedTraining(training, result, environment)]);
    log.finish(name, `${plural(result.steps, "update")} in ${formatDuration(result.seconds)}`);
    return "done";
  } catch (error) {
    if (isFatal(error)) throw error;
    failTrial(store, training.id, error);
    const why = error instanceof Error ? error.message : String(error);
    log.finish(name, `failed: ${why}`);
    return "failed";
  }
}

function linkTo(context: TrainingContext, training: PlannedTraining): FinetuneLink {
  const { store, stop, advance } = context;
  return {
    signal: stop.signal,
    tell: (news) => {
      // The state of a training may hold a point that was not told: it was killed in between.
      if (news.kind === "begin") {
        recordCurves(store, training.id, news.points.flatMap(curvePoints));
      }
      if (news.kind === "evaluation") recordCurves(store, training.id, curvePoints(news.point));
      if (news.kind === "update") advance(training, news.step);
    },
    ask: async ({ evaluation }) => {
      if (training.pruning === null) return null;
      const own = scoreCurve(store, training).slice(0, evaluation);
      return pruneReason(training.pruning, own, othersOf(context, training));
    },
  };
}

/** Curves of the trainings before this one, on the same data from the same model. */
function othersOf(
  { store, trainings }: TrainingContext,
  { id, dataset, checkpoint }: PlannedTraining,
): readonly ScoreCurve[] {
  const before = trainings.slice(
    0,
    trainings.findIndex((other) => other.id === id),
  );
  return before
    .filter((other) => other.dataset.id === dataset.id && other.checkpoint.id === checkpoint.id)
    .map((other) => scoreCurve(store, other))
    .filter((curve) => curve.length > 0);
}
