/** @file The frame of runs of fine-tunings and attributions: their plan in the store, their row from begin to end. */

import type { Device } from "@probegrid/probes";
import { describeEnvironment } from "../environment.ts";
import {
  type DatasetRecord,
  finishRun,
  type ModelRecord,
  type PlannedTrial,
  planTrials,
  type RunOutcome,
  recordDataset,
  recordEnvironment,
  recordExperiment,
  recordModel,
  resetRunning,
  retryFailed,
  type Store,
  startRun,
} from "../store/index.ts";
import { lastCrash } from "../supervisor/crash.ts";

type Planned = {
  readonly experiment: Parameters<typeof recordExperiment>[1];
  readonly datasets: readonly DatasetRecord[];
  readonly models: readonly ModelRecord[];
  readonly trials: readonly PlannedTrial[];
};

/** Records an experiment with all it refers to, and makes its open and failed trials ready; returns its key. */
export function recordPlan(
  store: Store,
  { experiment, datasets, models, trials }: Planned,
  /** Records what else trials refer to, between datasets and trials. */
  more: () => void = () => {},
): number {
  resetRunning(store);
  const key = recordExperiment(store, experiment);
  for (const dataset of distinct(datasets)) recordDataset(store, dataset);
  for (const model of distinct(models)) recordModel(store, model);
  more();
  planTrials(store, key, trials);
  if (lastCrash() === null) retryFailed(store, key); // else they failed in this very run
  return key;
}

const distinct = <Item extends { readonly id: string }>(items: readonly Item[]): Iterable<Item> =>
  new Map(items.map((item) => [item.id, item])).values();

/** A run that has begun: its row, the environment its trials are recorded with, and how to end it. */
export type SerialRun = {
  readonly run: number;
  readonly environment: string;
  /** What was interrupted is to be gone on with by the next run. */
  readonly end: (outcome: RunOutcome) => void;
};

/** Begins a run; of one worker where not said otherwise. */
export function beginSerialRun(
  store: Store,
  {
    experiment,
    command,
    device,
    workers = 1,
  }: {
    readonly experiment: number;
    readonly command: string;
    readonly device: Device;
    readonly workers?: number;
  },
): SerialRun {
  const environment = recordEnvironment(store, describeEnvironment(device));
  const run = startRun(store, { experiment, command, device, workers, environment });
  return {
    ...{ run, environment },
    end: (outcome) => {
      finishRun(store, run, outcome);
      resetRunning(store);
    },
  };
}
