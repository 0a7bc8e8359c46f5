/** @file Records one fine-tuning of the command line in the store: an experiment of one trial. */

import { basename, resolve } from "node:path";
import { recordedCommand } from "../command-line.ts";
import { modelOf } from "../model-of.ts";
import { beginSerialRun } from "../run/serial-run.ts";
import {
  claimTrials,
  failTrial,
  finishTrials,
  openStore,
  recordCurves,
  recordProgress,
  stateLookup,
} from "../store/index.ts";
import { type RecordedTraining, recordTrainings } from "./record-trainings.ts";
import { curvePoints, finishedTraining } from "./records.ts";
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
export function recordSingle(
  file: string,
  work: FinetuneWork & Pick<RecordedTraining, "data">,
): SingleRecord {
  const { checkpoint, dataset, settings, out, device, data, pruning = null } = work;
  const store = openStore(file, { runner: true });
  const name = `finetune ${basename(resolve(out))}`;
  const id = trainingId(work);
  const known = stateLookup(store)(id) === "done"; // trained again, elsewhere: its scores stand
  const experiment = recordTrainings(
    store,
    {
      ...{ name, device, source: null },
      question: `How well does ${checkpoint.name} learn ${dataset.name}?`,
      spec: { kind: "finetune", name, dataset: data, model: checkpoint.path, settings },
    },
    [{ ...work, id, pruning, model: modelOf(checkpoint) }],
  );
  const command = recordedCommand();
  const { run, environment, end } = beginSerialRun(store, { experiment, command, device });
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
      end("done");
      store.close();
    },
    stop: (error) => {
      if (error !== null && !known) failTrial(store, id, error);
      end(error === null ? "stopped" : "failed");
      store.close();
    },
  };
}

const heartbeat = 1000; // milliseconds
