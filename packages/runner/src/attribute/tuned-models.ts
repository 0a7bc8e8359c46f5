/** @file Models that an experiment has fine-tuned before it explains them: on four fifths of the data, held back the rest. */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { createRandom } from "@probegrid/probes";
import { idOf } from "../canonical.ts";
import { type Checkpoint, openCheckpoint } from "../checkpoint.ts";
import { type Dataset, type DatasetSpec, loadDataset } from "../dataset.ts";
import { readDatasetSpec } from "../datasets/spec.ts";
import { divideRows } from "../finetune/divide.ts";
import type { FinetuneSettings } from "../finetune/settings.ts";
import { type FinetuneWork, trainingId } from "../finetune/train-checkpoint.ts";

/** A checkpoint to start from, and how it is fine-tuned on each dataset. */
export type TunedModel = { readonly base: string; readonly settings: FinetuneSettings };

type TrainingWork = Omit<FinetuneWork, "device">;

/** Trains; null where it was interrupted. */
export type Train = (work: TrainingWork) => Promise<Checkpoint | null>;

export type Tuned = {
  /** Rows that no training saw. */
  readonly dataset: Dataset;
  /** The fine-tuned one; the base where it is still to be trained. */
  readonly checkpoint: Checkpoint;
  readonly trained: boolean;
};

type Place = { readonly cache: string; readonly folder: string; readonly seed: number };

/** Share of the rows that are held back, where the data do not come divided. */
const heldBack = 0.2;

/**
 * The checkpoint for a dataset, out of the cache or trained now, and the rows to explain: the test rows of
 * the data, else a fifth that the experiment's seed draws, the same for every model. `limit` counts
 * explained rows; all others train.
 */
export async function openTuned(
  { base, settings }: TunedModel,
  spec: DatasetSpec,
  { cache, folder, seed, train }: Place & { readonly train: Train | null },
): Promise<Tuned | null> {
  const { limit, ...whole } = readDatasetSpec(spec);
  const divided = divide(await loadDataset(whole, { from: folder }), seed);
  const start = await openCheckpoint(base, { from: folder, memory: cache });
  const named = { checkpoint: start, dataset: divided, settings };
  const out = join(cache, "finetuned", trainingId(named));
  const dataset = heldOut(divided, { limit, seed });
  const name = `${start.name} on ${divided.name}, seed ${settings.seed}`;
  if (existsSync(join(out, "config.json"))) {
    const found = await openCheckpoint(out, { memory: cache });
    return { dataset, checkpoint: { ...found, name }, trained: true };
  }
  if (train === null) return { dataset, checkpoint: { ...start, name }, trained: false };
  const trained = await train({ ...named, out, save: { steps: null, seconds: 300 } });
  return trained && { dataset, checkpoint: { ...trained, name }, trained: true };
}

/** The dataset with parts: its own, or a test part that does not depend on any training's seed. */
function divide(dataset: Dataset, seed: number): Dataset {
  if (dataset.parts?.includes(3)) return dataset;
  const { test } = divideRows(dataset, { validFrac: 0, testFrac: heldBack, seed });
  const parts = new Uint8Array(dataset.texts.length).fill(1);
  for (const row of test) parts[row] = 3;
  return { ...dataset, parts, id: idOf([dataset.id, Array.from(test)]) };
}

/** Test rows, or so many of them, in the order of the data. */
function heldOut(
  dataset: Dataset,
  { limit, seed }: { readonly limit: number | undefined; readonly seed: number },
): Dataset {
  const test = dataset.texts.map((_, row) => row).filter((row) => dataset.parts?.[row] === 3);
  const order = createRandom(seed).permutation(test.length);
  const rows = Array.from(order.subarray(0, limit), (i) => test[i]!).sort((a, b) => a - b);
  const { targets, groups, textPairs } = dataset;
  const picked = rows.map((row) => Number(targets[row]));
  const own = {
    id: idOf([dataset.id, rows]),
    texts: rows.map((row) => dataset.texts[row]!),
    textPairs: textPairs === null ? null : rows.map((row) => textPairs[row]!),
    targets: targets instanceof Int32Array ? Int32Array.from(picked) : Float32Array.from(picked),
    groups: Int32Array.from(rows, (row) => groups[row]!),
    parts: null,
  };
  return { ...dataset, ...own } as Dataset;
}
