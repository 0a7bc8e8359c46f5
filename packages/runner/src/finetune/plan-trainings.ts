/** @file The trainings of an experiment, opened: datasets read, checkpoints checked, what each will cost. */

import { join } from "node:path";
import type { Model } from "@probegrid/probes";
import { type Checkpoint, openCheckpoint } from "../checkpoint.ts";
import { type Dataset, type DatasetSpec, loadDataset } from "../dataset.ts";
import { locatedSpec } from "../datasets/located-spec.ts";
import type { DatasetOptions } from "../datasets/spec.ts";
import { ExperimentError, messageOf } from "../errors.ts";
import { modelOf } from "../model-of.ts";
import { divideRows } from "./divide.ts";
import type { FinetuneExperiment } from "./experiment.ts";
import { changedKnobs } from "./records.ts";
import type { FinetuneSettings } from "./settings.ts";
import { classifierFor } from "./setup.ts";
import { trainingId } from "./train-checkpoint.ts";

/** One training of the grid. */
export type PlannedTraining = {
  readonly id: string;
  readonly dataset: Dataset;
  readonly checkpoint: Checkpoint;
  readonly model: Model;
  readonly settings: FinetuneSettings;
  readonly pruning: FinetuneExperiment["pruning"];
  /** Its dataset and its model as the experiment names them. */
  readonly entry: { readonly dataset: DatasetSpec; readonly model: string };
  /** Where its rows come from, with absolute paths. */
  readonly data: DatasetOptions;
  /** The folder that becomes its checkpoint. */
  readonly out: string;
  /** Updates at most, and an estimate of seconds and of bytes on disk. */
  readonly updates: number;
  readonly seconds: number;
  readonly bytes: number;
};

/** Opens everything an experiment names; every complaint names the file and the place in it. */
export async function planTrainings(
  experiment: FinetuneExperiment,
  cache: string,
): Promise<readonly PlannedTraining[]> {
  const { folder, pruning } = experiment;
  const base = experiment.checkpoints ?? join("data", "checkpoints", folderName(experiment.name));
  const datasets = await opened(experiment, "datasets", async (spec) => ({
    dataset: await loadDataset(spec, { from: folder }),
    data: locatedSpec(spec, folder),
  }));
  const checkpoints = await opened(experiment, "models", (path) =>
    openCheckpoint(path, { from: folder, memory: cache }),
  );
  const planned: PlannedTraining[] = [];
  for (const [d, { dataset, data }] of datasets.entries()) {
    for (const [m, checkpoint] of checkpoints.entries()) {
      const model = named(experiment, `models[${m}]`, () => modelOf(checkpoint));
      for (const settings of experiment.points) {
        const where = `datasets[${d}] with ${changedKnobs(settings) || "defaults"}`;
        const work = { checkpoint, dataset, settings, pruning };
        const train = named(experiment, where, () => {
          classifierFor(dataset, settings);
          return divideRows(dataset, settings).train;
        });
        const id = trainingId(work);
        const updates =
          settings.maxEpochs *
          Math.ceil(train.length / (settings.batchSize * settings.accumulation));
        planned.push({
          ...{ ...work, id, model, data, updates },
          entry: { dataset: experiment.datasets[d]!, model: experiment.models[m]! },
          out: join(base, id),
          seconds: secondsOf(work, { model, rows: train.length }),
          bytes: 4 * checkpoint.parameters,
        });
      }
    }
  }
  return [...new Map(planned.map((training) => [training.id, training])).values()];
}

// A guess for two cores of a laptop, which real runs correct while they show their progress.
const operationsPerSecond = 1e11;

/** Six operations per weight and token: two forward, four backward. Four characters make a token. */
function secondsOf(
  { dataset, settings }: { readonly dataset: Dataset; readonly settings: FinetuneSettings },
  { model, rows }: { readonly model: Model; readonly rows: number },
): number {
  const { layers, width, maxTokens } = model.geometry;
  const { texts, textPairs } = dataset;
  const sample = texts.slice(0, 1000);
  const lengths = sample.map((text, i) => text.length + (textPairs?.[i]?.length ?? 0));
  const mean = lengths.reduce((a, b) => a + b, 0) / Math.max(1, lengths.length);
  const tokens = rows * Math.min(maxTokens, 2 + mean / 4);
  return (settings.maxEpochs * tokens * 6 * 12 * layers * width ** 2) / operationsPerSecond;
}

const folderName = (name: string): string => name.replace(/[^\w.-]+/g, "-");

async function opened<K extends "datasets" | "models", T>(
  experiment: FinetuneExperiment,
  field: K,
  open: (entry: FinetuneExperiment[K][number]) => Promise<T>,
): Promise<readonly T[]> {
  const found: T[] = [];
  for (const [index, entry] of experiment[field].entries()) {
    try {
      found.push(await open(entry));
    } catch (cause) {
      throw located(experiment, `${field}[${index}]`, cause);
    }
  }
  return found;
}

function named<T>(experiment: FinetuneExperiment, place: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw located(experiment, place, cause);
  }
}

const located = ({ source }: FinetuneExperiment, place: string, cause: unknown): ExperimentError =>
  new ExperimentError(`${source}: ${place}: ${messageOf(cause)}`, { cause });
