/** @file Runs an experiment of fine-tunings: plan, train one after the other, a table of what came out. */

import { existsSync, lstatSync, mkdirSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { Device } from "@probegrid/probes";
import { isFatal } from "../explain-error.ts";
import { formatDuration, plural } from "../format.ts";
import type { Log } from "../log.ts";
import { openRunnerStore } from "../run/open-runner-store.ts";
import { beginSerialRun } from "../run/serial-run.ts";
import { failGuilty, findSuspects } from "../run/suspects.ts";
import {
  claimTrials,
  failTrial,
  finishTrials,
  type RunOutcome,
  recordCurves,
  recordProgress,
  type Store,
  stateLookup,
} from "../store/index.ts";
import { tellTrial } from "../supervisor/crash.ts";
import { bestTrainings, scoreCurve } from "./best-training.ts";
import type { FinetuneExperiment } from "./experiment.ts";
import { type PlannedTraining, planTrainings } from "./plan-trainings.ts";
import { pruneReason, type ScoreCurve } from "./pruning.ts";
import { recordTrainings } from "./record-trainings.ts";
import { curvePoints, finishedTraining } from "./records.ts";
import { trainCheckpoint } from "./train-checkpoint.ts";
import { createTrainingLog } from "./training-log.ts";
import { planLines, resultLines } from "./trainings-report.ts";

export type TrainingsOptions = {
  readonly store: string;
  readonly cache: string;
  readonly device: Device;
  readonly log: Log;
  /** Aborting it saves the state of the training under way and begins no other. */
  readonly stop: AbortController;
  readonly failFast: boolean;
  readonly join?: boolean | undefined;
  /** The command line, for the record. */
  readonly command: string;
};

/** Trains what is missing of an experiment, and says how it ended. */
export async function runTrainings(
  experiment: FinetuneExperiment,
  options: TrainingsOptions,
): Promise<RunOutcome> {
  const { log, stop, device, command } = options;
  const trainings = await planTrainings(experiment, options.cache);
  using store = await openRunnerStore(options.store, options);
  const suspects = findSuspects(store);
  const { folder: _, ...spec } = experiment;
  const { name, question, source } = experiment;
  const key = recordTrainings(store, { name, question, source, spec, device }, trainings);
  const guilty = failGuilty(store, suspects);
  const stateOf = stateLookup(store);
  const open = trainings.filter(({ id }) => stateOf(id) === "pending");
  for (const line of planLines(experiment, trainings, open)) log.line(line);
  const { end, ...run } = beginSerialRun(store, { experiment: key, command, device });
  const context = { ...options, ...run, store, trainings };
  let outcome: RunOutcome = "stopped";
  try {
    let failed = guilty;
    for (const [i, training] of open.entries()) {
      if (stop.signal.aborted) break;
      log.line();
      log.line(`training ${i + 1} of ${open.length}: ${training.id}`);
      tellTrial(training.id, suspects.alone.has(training.id));
      const ended = await trainOne(context, training, { done: i, failed, total: open.length });
      tellTrial(null);
      if (ended === "failed") failed++;
      if (ended === "failed" && options.failFast) stop.abort();
    }
    if (failed > 0) outcome = "failed";
    else if (!stop.signal.aborted) outcome = "done";
  } finally {
    end(outcome);
  }
  linkBest(store, experiment, trainings);
  for (const line of resultLines(store, experiment, trainings)) log.line(line);
  return outcome;
}

type Context = Omit<TrainingsOptions, "store"> & {
  readonly store: Store;
  readonly environment: string;
  readonly run: number;
  readonly trainings: readonly PlannedTraining[];
};

const heartbeat = 1000; // milliseconds
const saveSeconds = 300;

/** Trains, records and scores one point; a failure is written to its trial. */
async function trainOne(
  context: Context,
  training: PlannedTraining,
  count: { readonly done: number; readonly failed: number; readonly total: number },
): Promise<"done" | "failed" | "stopped"> {
  const { store, log, stop, device, run, environment } = context;
  const { id } = training;
  claimTrials(store, [id]);
  const work = { ...training, device, save: { steps: null, seconds: saveSeconds } };
  const show = createTrainingLog(log, work);
  const begun = performance.now();
  let told = 0;
  try {
    const result = await trainCheckpoint(work, {
      signal: stop.signal,
      tell: (news) => {
        show(news);
        if (news.kind === "evaluation") recordCurves(store, id, curvePoints(news.point));
        if (news.kind !== "update" || performance.now() - told < heartbeat) return;
        told = performance.now();
        const share = news.step / training.updates;
        const seconds = (told - begun) / 1000;
        recordProgress(store, run, [
          {
            ...{ stage: "finetune", ...count, unit: "trainings" },
            rate: null,
            secondsLeft: (seconds / share) * (1 - share),
          },
        ]);
      },
      prune: ({ evaluation }) => {
        if (training.pruning === null) return null;
        const own = scoreCurve(store, training).slice(0, evaluation);
        return pruneReason(training.pruning, own, othersOf(context, training));
      },
    });
    if (result === null) return "stopped";
    finishTrials(store, [finishedTraining(training, result, environment)]);
    log.finish("train", `${plural(result.steps, "update")} in ${formatDuration(result.seconds)}`);
    return "done";
  } catch (error) {
    if (isFatal(error)) throw error;
    failTrial(store, id, error);
    log.line(`failed: ${error instanceof Error ? error.message : String(error)}`);
    return "failed";
  }
}

/** Curves of the trainings before this one, on the same data from the same model. */
function othersOf(
  { store, trainings }: Context,
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

/**
 * Makes `<checkpoints>/best` (with several datasets: `best-<dataset>`) stand for the best checkpoint,
 * so that a probing experiment can name it; removes the others where only the best is kept.
 */
function linkBest(
  store: Store,
  { keep }: FinetuneExperiment,
  trainings: readonly PlannedTraining[],
): void {
  const present = trainings.filter(({ out }) => existsSync(out));
  const best = bestTrainings(store, present);
  for (const { dataset, out } of best) {
    const suffix = best.length === 1 ? "" : `-${dataset.name.replace(/[^\w.-]+/g, "-")}`;
    replaceLink(join(dirname(out), `best${suffix}`), basename(out));
  }
  if (keep === "all") return;
  for (const training of present) {
    if (
      best.some(({ dataset }) => dataset.id === training.dataset.id) &&
      !best.includes(training)
    ) {
      rmSync(training.out, { recursive: true, force: true });
    }
  }
}

function replaceLink(path: string, target: string): void {
  const old = lstatSync(path, { throwIfNoEntry: false });
  if (old && !old.isSymbolicLink()) return; // someone's own folder of that name stays
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}.partial`;
  symlinkSync(target, temporary);
  renameSync(temporary, path);
}
