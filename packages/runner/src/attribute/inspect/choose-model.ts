/** @file Which checkpoint is inspected: the one given where it knows the classes, else one fine-tuned for them. */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Device, headPrefix } from "@probegrid/probes";
import { type Checkpoint, openCheckpoint } from "../../checkpoint.ts";
import type { Dataset } from "../../dataset.ts";
import { readClassifierConfig } from "../../finetune/classifier-config.ts";
import type { FinetuneSettings } from "../../finetune/settings.ts";
import {
  type FinetuneResult,
  type FinetuneWork,
  type TrainingNews,
  trainCheckpoint,
  trainingId,
} from "../../finetune/train-checkpoint.ts";

type Choice = {
  readonly checkpoint: Checkpoint;
  readonly dataset: Dataset;
  readonly settings: FinetuneSettings;
  readonly device: Device;
  readonly cache: string;
  readonly retrain: boolean;
};

/** What happens to a training: told to logs and stores. */
export type TrainingListener = {
  readonly begin: (work: FinetuneWork) => void;
  readonly tell: (news: TrainingNews) => void;
  readonly finish: (result: FinetuneResult) => void;
  readonly signal: AbortSignal;
};

/** Whether a checkpoint has a head for exactly these classes, in whatever order. */
export function knowsClasses(checkpoint: Checkpoint, labels: readonly string[] | null): boolean {
  const headed = [...checkpoint.tensors.keys()].some(
    (name) => /^(classifier|pre_classifier|score)\./.test(name) || name.startsWith(headPrefix),
  );
  const own = readClassifierConfig(checkpoint.config).labels;
  if (!headed || own === null || labels === null) return false;
  return own.length === labels.length && labels.every((label) => own.includes(label));
}

/**
 * The checkpoint to inspect; null where the training was interrupted. A fine-tuned one lies in the
 * cache under the hash of its spec, so the same command takes it up again, finished or half done.
 */
export async function chooseModel(
  { checkpoint, dataset, settings, device, cache, retrain }: Choice,
  listener: TrainingListener,
): Promise<Checkpoint | null> {
  if (!retrain && knowsClasses(checkpoint, dataset.labels)) return checkpoint;
  const named = { checkpoint, dataset, settings };
  const out = join(cache, "finetuned", trainingId(named));
  const open = async (): Promise<Checkpoint> => {
    const tuned = await openCheckpoint(out, { memory: cache });
    return { ...tuned, name: `${checkpoint.name} on ${dataset.name}, seed ${settings.seed}` };
  };
  if (existsSync(join(out, "config.json"))) return await open();
  const work = { ...named, out, device, save: { steps: null, seconds: 300 } };
  listener.begin(work);
  const result = await trainCheckpoint(work, listener);
  if (result === null) return null;
  listener.finish(result);
  return await open();
}
