/** @file Runs an experiment of attributions: every method of a dataset and model together, a few texts at a time. */

import type { Device } from "@probegrid/probes";
import { openCheckpoint } from "../checkpoint.ts";
import { describeEnvironment } from "../environment.ts";
import { messageOf } from "../errors.ts";
import type { Executor } from "../executor.ts";
import { reportLines } from "../finetune/report-lines.ts";
import { trainCheckpoint } from "../finetune/train-checkpoint.ts";
import { createTrainingLog } from "../finetune/training-log.ts";
import type { Log } from "../log.ts";
import { startHeartbeat } from "../run/heartbeat.ts";
import { openRunnerStore } from "../run/open-runner-store.ts";
import {
  finishRun,
  type RunOutcome,
  readAttributions,
  recordEnvironment,
  resetRunning,
  type Store,
  startRun,
  stateLookup,
} from "../store/index.ts";
import type { AttributeExperiment } from "./experiment.ts";
import { explainGroup, type GroupContext } from "./explain-group.ts";
import { type AttributionGroup, attributionPlan, planAttributions } from "./plan-attributions.ts";
import { recordGroups } from "./record-groups.ts";
import { recordKeywords } from "./record-keywords.ts";
import { writeAttributionReport } from "./report/write-report.ts";
import type { Train } from "./tuned-models.ts";

/** Explains what groups lack and returns how many trials failed. */
export type ComputeGroups = (
  context: GroupContext & { readonly failFast: boolean },
  groups: readonly AttributionGroup[],
) => Promise<number>;

/** Makes every model that an experiment has fine-tuned first; false where it was stopped. */
export type TuneModels = (
  experiment: AttributeExperiment,
  options: Pick<AttributionsOptions, "store" | "cache" | "log" | "stop">,
) => Promise<boolean>;

export type AttributionsOptions = {
  readonly store: string;
  readonly cache: string;
  readonly device: Device;
  readonly workers: number;
  /** Begun when there is something to compute, and closed at the end. */
  readonly createExecutor: () => Executor;
  /** Where models are fine-tuned and rows explained; in this process, and in workers of this machine, when not given. */
  readonly tune?: TuneModels;
  readonly compute?: ComputeGroups;
  readonly log: Log;
  /** Aborting it finishes the texts in flight; the rest is computed by the next run. */
  readonly stop: AbortController;
  readonly failFast: boolean;
  readonly join?: boolean | undefined;
  readonly command: string;
};

/** Computes what is missing of an experiment, writes its report, and says how it ended. */
export async function runAttributions(
  experiment: AttributeExperiment,
  options: AttributionsOptions,
): Promise<RunOutcome> {
  const { log } = options;
  if (options.tune && !(await options.tune(experiment, options))) return "stopped";
  const groups = await planAttributions(experiment, options.cache, trainWith(options));
  if (groups === null) return "stopped";
  using store = await openRunnerStore(options.store, options);
  const key = recordGroups(store, experiment, groups);
  const stateOf = stateLookup(store);
  const isDone = (id: string): boolean => stateOf(id) === "done";
  for (const line of attributionPlan(experiment, groups, isDone).lines) log.line(line);
  const outcome = await explainGroups({ experiment, key, groups, store }, options);
  await recordKeywords({ experiment, store, stop: options.stop.signal }, groups);
  const finished = groups.map((group) => {
    return { ...group, trials: group.trials.filter(({ id }) => isDone(id)) };
  });
  const read = (id: string) => readAttributions(store, id);
  for (const line of writeAttributionReport(experiment, finished, read)) log.line(line);
  return outcome;
}

/** Trains as `probegrid finetune` does, and shows it. */
const trainWith =
  ({ log, stop, device, cache }: AttributionsOptions): Train =>
  async (given) => {
    const work = { ...given, device };
    const tell = createTrainingLog(log, work);
    const result = await trainCheckpoint(work, { tell, signal: stop.signal });
    if (result === null) return null;
    for (const line of reportLines(result.evaluation)) log.line(line);
    return await openCheckpoint(work.out, { memory: cache });
  };

type Recorded = {
  readonly experiment: AttributeExperiment;
  /** Of the experiment in the store. */
  readonly key: number;
  readonly groups: readonly AttributionGroup[];
  readonly store: Store;
};

/** Explains what is missing of recorded groups, as one run of the store. */
export async function explainGroups(
  { experiment, key, groups, store }: Recorded,
  options: Omit<AttributionsOptions, "store" | "cache" | "join"> & {
    /** Told why a group failed; by default a line of the log says so. */
    readonly onFailure?: (error: unknown) => void;
  },
): Promise<RunOutcome> {
  const { stop, device, command, workers, log } = options;
  const { onFailure = (error) => log.line(`failed: ${messageOf(error)}`) } = options;
  const stateOf = stateLookup(store);
  const environment = recordEnvironment(store, describeEnvironment(device));
  const run = startRun(store, { experiment: key, command, device, workers, environment });
  const heartbeat = startHeartbeat(store, run, stop);
  const executor = options.createExecutor();
  const context = { ...options, experiment, store, environment, run, executor, onFailure };
  let outcome: RunOutcome = "stopped";
  try {
    const open = groups.flatMap((group) => {
      const trials = group.trials.filter(({ id }) => stateOf(id) !== "done");
      return trials.length === 0 ? [] : [{ ...group, trials }];
    });
    const failed = await (options.compute ?? computeHere)(context, open);
    if (failed > 0) outcome = "failed";
    else if (!stop.signal.aborted) outcome = "done";
  } finally {
    heartbeat.end();
    await executor.close();
    if (heartbeat.problem() === undefined) {
      finishRun(store, run, outcome);
      resetRunning(store); // rows that are recorded stay; the next run goes on after them
    }
  }
  const problem = heartbeat.problem();
  if (problem !== undefined) throw problem;
  return outcome;
}

/** Group after group, each in all workers. */
const computeHere: ComputeGroups = async (context, groups) => {
  const { stop, failFast } = context;
  let failed = 0;
  for (const group of groups) {
    if (stop.signal.aborted) break;
    if ((await explainGroup(context, group)) !== "failed") continue;
    failed += group.trials.length;
    if (failFast) stop.abort();
  }
  return failed;
};
