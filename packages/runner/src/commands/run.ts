/** @file `probegrid run`: computes what is missing of an experiment. */

import { availableParallelism } from "node:os";
import { recordedCommand } from "../command-line.ts";
import { checkPlaces, resolveDevice } from "../device.ts";
import type { DeviceChoice } from "../device-choices.ts";
import { ExperimentError } from "../errors.ts";
import { createInlineExecutor, type Executor } from "../executor.ts";
import { type AnyExperiment, loadAnyExperiment } from "../experiment.ts";
import { createLog, type Log } from "../log.ts";
import { withNotice } from "../notify/with-notice.ts";
import { interruptedExitCode, watchInterrupts } from "../run/interrupts.ts";
import { useDeviceIndex } from "../session-on.ts";
import type { ClusterOptions } from "../slurm/compute-on-cluster.ts";
import { readSlurmSettings } from "../slurm/settings.ts";
import type { RunOutcome } from "../store/index.ts";
import { createDeviceExecutor } from "../supervisor/device-executor.ts";
import { type Place, parsePlaces } from "../supervisor/place.ts";
import { createProcessExecutor, defaultSilence } from "../supervisor/process-executor.ts";
import { defineCommand } from "./define-command.ts";
import {
  cacheOption,
  deviceOption,
  executorOption,
  failFastOption,
  setOption,
  slurmOption,
  storeOption,
  workersOption,
} from "./options.ts";

export type RunArguments = {
  readonly experiment: string;
  readonly store: string;
  readonly cache: string;
  readonly device: DeviceChoice;
  readonly devices?: string | undefined;
  readonly workers: number | undefined;
  readonly set: readonly string[];
  readonly failFast: boolean;
  readonly join?: boolean;
  readonly workerTimeout?: number;
  readonly notify?: string | undefined;
  readonly executor?: "local" | "inline" | "slurm";
  readonly slurm?: readonly string[];
};

export const runCommand = defineCommand({
  builder: (yargs) =>
    yargs
      .positional("experiment", {
        type: "string",
        demandOption: true,
        describe: "Experiment file: .ts, .json or .yaml",
      })
      .options({
        store: storeOption,
        cache: cacheOption,
        device: deviceOption,
        devices: {
          type: "string",
          requiresArg: true,
          describe: "Several of them, one worker each, instead of --device: cuda:0,cuda:1",
        },
        workers: workersOption,
        set: setOption,
        "fail-fast": failFastOption,
        executor: executorOption,
        slurm: slurmOption,
        join: {
          type: "boolean",
          default: false,
          describe: "When another run holds the store, wait for its end and compute what is left",
        },
        notify: {
          type: "string",
          requiresArg: true,
          describe: "Web address or command to tell when the run ends or stands still",
        },
        "worker-timeout": {
          type: "number",
          default: defaultSilence,
          describe: "Seconds after which a worker that gives no sign of life is replaced",
          requiresArg: true,
        },
      })
      .example("$0 run experiments/demo.ts", "compute what is missing")
      .example("$0 run grid.json --set datasets.0.limit=500", "try a grid on fewer rows")
      .example("$0 run grid.json --workers 1 --device cpu", "leave a core to others")
      .example("$0 run grid.json --devices cuda:0,cuda:1", "on two GPUs, probing meanwhile")
      .example("$0 run grid.json --executor slurm --slurm partition=gpu", "on a cluster"),
  handler: async (options) => await runFile(options),
});

const exitCodes: Readonly<Record<RunOutcome, number>> = {
  done: 0,
  failed: 1,
  stopped: interruptedExitCode,
};

/** Runs an experiment file with a live display; the exit code says how it ended. */
export async function runFile(options: RunArguments): Promise<void> {
  const workers = checkedWorkers(options.workers);
  const silence = checkedSeconds(options.workerTimeout);
  const log = createLog({ out: process.stdout, live: process.stderr });
  const { stop, release } = watchInterrupts(() =>
    log.line("stopping: what is in flight is finished first; Ctrl-C again stops at once"),
  );
  try {
    const experiment = await loadAnyExperiment(options.experiment, options);
    const places = await placesHere(options, (line) => log.line(line));
    const notice = { target: options.notify, experiment: experiment.name, log };
    const outcome = await withNotice(notice, (log) =>
      runKind(experiment, options, { workers, silence, places, stop, log }),
    );
    process.exitCode = exitCodes[outcome];
  } finally {
    release();
  }
}

type Running = Here & { readonly stop: AbortController; readonly log: Log };

/** Runs an experiment; what only other kinds or clusters need is not even loaded, which takes half a second. */
async function runKind(
  experiment: AnyExperiment,
  options: RunArguments,
  { stop, log, ...here }: Running,
): Promise<RunOutcome> {
  const device = here.places[0]?.device ?? "cpu";
  const shared = { ...options, stop, log, device, command: recordedCommand() };
  const cluster = clusterOf(options);
  const given = { ...shared, ...executionOf(options, here) };
  if (!("kind" in experiment)) {
    const { runExperiment } = await import("../run.ts");
    if (cluster === null) return await runExperiment(experiment, given);
    const { computeOnCluster } = await import("../slurm/compute-on-cluster.ts");
    return await runExperiment(experiment, { ...given, compute: computeOnCluster(cluster) });
  }
  const createExecutor = trainingExecutor(options, here);
  if (experiment.kind === "finetune") {
    const { runTrainings } = await import("../finetune/run-trainings.ts");
    const training = { ...given, createExecutor };
    if (cluster === null) return await runTrainings(experiment, training);
    const { trainOnCluster } = await import("../slurm/train-on-cluster.ts");
    return await runTrainings(experiment, { ...training, compute: trainOnCluster(cluster) });
  }
  const { runAttributions } = await import("../attribute/run-attributions.ts");
  if (cluster === null) {
    const { tuneInWorkers } = await import("../attribute/tune-in-workers.ts");
    const tune = tuneInWorkers({ device, createExecutor });
    return await runAttributions(experiment, { ...given, tune });
  }
  const { tuneOnCluster } = await import("../slurm/tune-on-cluster.ts");
  const { explainOnCluster } = await import("../slurm/explain-on-cluster.ts");
  const compute = explainOnCluster({ ...cluster, cache: options.cache });
  return await runAttributions(experiment, { ...given, tune: tuneOnCluster(cluster), compute });
}

function checkedWorkers(workers = availableParallelism()): number {
  if (Number.isInteger(workers) && workers >= 1 && workers <= 1024) return workers;
  throw new ExperimentError(`--workers: expected a whole number from 1 to 1024, got ${workers}`);
}

function checkedSeconds(seconds = defaultSilence): number {
  if (seconds > 0 && seconds < 1e6) return seconds;
  throw new ExperimentError(`--worker-timeout: expected seconds above 0, got ${seconds}`);
}

type Here = {
  readonly workers: number;
  readonly silence: number;
  readonly places: readonly Place[];
};

/** One worker for each device: a training uses all of one. */
function trainingExecutor(
  { executor = "local" }: RunArguments,
  { silence, places }: Pick<Here, "silence" | "places">,
): () => Executor {
  if (executor === "local") {
    return () => createProcessExecutor(places.length, { silence, places });
  }
  return () => {
    useDeviceIndex(places[0]?.index ?? 0);
    return createInlineExecutor();
  };
}

/** How tasks of a cluster are asked for; null where this machine computes. */
function clusterOf({ executor, slurm = [], device }: RunArguments): ClusterOptions | null {
  return executor === "slurm" ? { settings: readSlurmSettings(slurm), device } : null;
}

/** What computes here: worker processes, or this one; the head of a cluster's tasks has little to do. */
function executionOf(
  options: RunArguments,
  { workers, silence, places }: Here,
): { readonly workers: number; readonly createExecutor: () => Executor } {
  const { executor = "local" } = options;
  if (executor === "inline") return { workers: 1, createExecutor: createInlineExecutor };
  const cluster = clusterOf(options);
  if (cluster) return { workers: cluster.settings.cpus, createExecutor: createInlineExecutor };
  const apart = options.devices !== undefined || places.some(({ device }) => device !== "cpu");
  const createExecutor = apart
    ? () => createDeviceExecutor({ places, workers, silence })
    : () => createProcessExecutor(workers, { silence });
  return { workers, createExecutor };
}

/** Where models are computed; the node of a cluster's task chooses its own device, here nothing is computed. */
async function placesHere(
  { executor, device, devices }: RunArguments,
  tell: (line: string) => void,
): Promise<readonly Place[]> {
  if (executor === "slurm") return [{ device: device === "auto" ? "cpu" : device, index: 0 }];
  if (devices === undefined) return [{ device: await resolveDevice(device, tell), index: 0 }];
  if (device !== "auto") throw new ExperimentError("expected --device or --devices, got both");
  const places = parsePlaces(devices);
  await checkPlaces(places, tell);
  return places;
}
