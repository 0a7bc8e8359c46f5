/** @file Records one fine-tuning of the command line in the store: an experiment of one trial. */

import { basename, resolve } from "node:path";
import { readModel } from "@probegrid/probes";
import { canonicalJson } from "../canonical.ts";
import { recordedCommand } from "../command-line.ts";
import { describeEnvironment } from "../environment.ts";
import {
  claimTrials,
  failTrial,
  finishRun,
  finishTrials,
  openStore,
  planTrials,
  recordCurves,
  recordDataset,
  recordEnvironment,
  recordExperiment,
  recordModel,
  recordProgress,
  resetRunning,
  retryFailed,
  startRun,
  stateLookup,
} from "../store/index.ts";
import { divideRows } from "./divide.ts";
import {
  curvePoints,
  finishedTraining,
  modelRecordOf,
  plannedTraining,
  recordTrainingSplit,
} from "./records.ts";
import {
  type FinetuneResult,
  type FinetuneWork,
  type TrainingNews,
  trainingId,
} from "./train-checkpoint.ts";

/** What the command tells the store. */
export type SingleRecord = {
  readonly tell: (news: TrainingNews) => void;
  readonly finish: (result: FinetuneResult) => void;
  /** The training failed with an error, or was interrupted (null). */
  readonly stop: (error: unknown) => void;
};

/** Opens the store and begins; the experiment has the name of the checkpoint's folder. */
export function recordSingle(file: string, work: FinetuneWork): SingleRecord {
  const { checkpoint, dataset, settings, out, device } = work;
  const store = openStore(file, { runner: true });
  resetRunning(store);
  const name = `finetune ${basename(resolve(out))}`;
  const spec = canonicalJson({ name, dataset: dataset.name, model: checkpoint.name, settings });
  const experiment = recordExperiment(store, {
    ...{ name, kind: "finetune", spec, source: null },
    question: `How well does ${checkpoint.name} learn ${dataset.name}?`,
  });
  recordDataset(store, dataset);
  recordModel(store, modelRecordOf(checkpoint, readModel(checkpoint.config)));
  recordTrainingSplit(store, work, divideRows(dataset, settings));
  const id = trainingId(work);
  planTrials(store, experiment, [plannedTraining(work)]);
  retryFailed(store, experiment);
  const known = stateLookup(store)(id) === "done"; // trained again, elsewhere: its scores stand
  const environment = recordEnvironment(store, describeEnvironment(device));
  const command = recordedCommand();
  const run = startRun(store, { experiment, command, device, workers: 1, environment });
  if (!known) claimTrials(store, [id]);
  let told = performance.now();
  return {
    tell: (news) => {
      if (news.kind === "evaluation" && !known) recordCurves(store, id, curvePoints(news.point));
      if (performance.now() - told < heartbeat) return;
      told = performance.now();
      recordProgress(store, run, []);
    },
    finish: (result) => {
      if (!known) finishTrials(store, [finishedTraining(work, result, environment)]);
      finishRun(store, run, "done");
      store.close();
    },
    stop: (error) => {
      if (error !== null && !known) failTrial(store, id, error);
      finishRun(store, run, error === null ? "stopped" : "failed");
      store.close();
    },
  };
}

const heartbeat = 1000; // milliseconds
