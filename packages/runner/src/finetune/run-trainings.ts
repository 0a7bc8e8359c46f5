/** @file Runs an experiment of fine-tunings: plan, train in workers, a table of what came out. */

import type { Device } from "@probegrid/probes";
import type { Executor } from "../executor.ts";
import type { Log } from "../log.ts";
import { startHeartbeat } from "../run/heartbeat.ts";
import { openRunnerStore } from "../run/open-runner-store.ts";
import { runLimited } from "../run/run-limited.ts";
import { beginSerialRun } from "../run/serial-run.ts";
import { failGuilty, findSuspects } from "../run/suspects.ts";
import { type RunOutcome, type Store, stateLookup } from "../store/index.ts";
import { tellTrial } from "../supervisor/crash.ts";
import type { FinetuneExperiment } from "./experiment.ts";
import { linkBest } from "./link-best.ts";
import { type PlannedTraining, planTrainings } from "./plan-trainings.ts";
import { requirePrecision } from "./precision.ts";
import { recordTrainings } from "./record-trainings.ts";
import { trainOne } from "./train-one.ts";
import { planLines, resultLines } from "./trainings-report.ts";
import { createTrainingsStage } from "./trainings-stage.ts";

/** What a run of trainings knows when it begins to compute. */
export type OpenTrainings = Omit<TrainingsOptions, "store" | "compute"> & {
  readonly experiment: FinetuneExperiment;
  readonly store: Store;
  /** Key of this run in the store, and id of the environment. */
  readonly run: number;
  readonly environment: string;
  /** All of the experiment, and those without a result. */
  readonly trainings: readonly PlannedTraining[];
  readonly open: readonly PlannedTraining[];
};

/** Trains what is open and returns how many failed. */
export type ComputeTrainings = (context: OpenTrainings) => Promise<number>;

export type TrainingsOptions = {
  readonly store: string;
  readonly cache: string;
  readonly device: Device;
  /** Begun when there is something to train, and closed at the end; as many trainings at once as it has room for. */
  readonly createExecutor: () => Executor;
  /** Where that happens; on this machine when not given. */
  readonly compute?: ComputeTrainings;
  readonly log: Log;
  /** Aborting it saves the states of the trainings under way and begins no other. */
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
  for (const precision of new Set(experiment.points.map((point) => point.precision))) {
    await requirePrecision(precision, device);
  }
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
  const executor = options.createExecutor();
  const begun = { experiment: key, command, device, workers: executor.room("finetune") };
  const { end, run, environment } = beginSerialRun(store, begun);
  const heartbeat = startHeartbeat(store, run, stop);
  const context = { ...options, experiment, store, run, environment, trainings, open };
  let outcome: RunOutcome = "stopped";
  try {
    const here = computeHere(executor, { alone: suspects.alone, guilty });
    const failed = guilty + (await (options.compute ?? here)(context));
    if (failed > 0) outcome = "failed";
    else if (!stop.signal.aborted) outcome = "done";
  } finally {
    heartbeat.end();
    await executor.close();
    if (heartbeat.problem() === undefined) end(outcome);
  }
  const problem = heartbeat.problem();
  if (problem !== undefined) throw problem;
  linkBest(store, experiment, trainings);
  for (const line of resultLines(store, experiment, trainings)) log.line(line);
  return outcome;
}

type Suspected = { readonly alone: ReadonlySet<string>; readonly guilty: number };

/** Trains in workers, as many at once as there is room for; `alone` are those a crash may be laid to. */
function computeHere(executor: Executor, { alone, guilty }: Suspected): ComputeTrainings {
  return async (context) => {
    const { open, log, stop, failFast, store, run } = context;
    const inFlight = executor.room("finetune");
    const stage = createTrainingsStage(open, { store, run, failed: guilty });
    const train = async (training: PlannedTraining): Promise<void> => {
      log.line();
      log.line(`training ${open.indexOf(training) + 1} of ${open.length}: ${training.id}`);
      if (inFlight === 1) tellTrial(training.id, alone.has(training.id));
      const ended = await trainOne({ ...context, executor, advance: stage.advance }, training);
      if (inFlight === 1) tellTrial(null);
      stage.end(training, ended);
      if (ended === "failed" && failFast) stop.abort();
    };
    await runLimited(open, train, { inFlight, stop: stop.signal });
    return stage.failed - guilty;
  };
}
