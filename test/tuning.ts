/** @file What tests of fine-tuning share: labelled rows over a tiny model's words, one training, its weights. */

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createRandom } from "@probegrid/probes";
import { openCheckpoint } from "../packages/runner/src/checkpoint.ts";
import { loadDataset } from "../packages/runner/src/dataset.ts";
import { readSettings } from "../packages/runner/src/finetune/settings.ts";
import {
  type TrainingNews,
  trainCheckpoint,
} from "../packages/runner/src/finetune/train-checkpoint.ts";
import { readHeader, readRows } from "../packages/runner/src/safetensors.ts";
import { fixtures } from "./golden.ts";

export const command = fileURLToPath(
  new URL("../packages/runner/bin/probegrid.mjs", import.meta.url),
);
/** A BERT of three layers, width 16. */
export const base = join(fixtures, "bert");

/** Whole words that a tiny model's vocabulary holds. */
export const words: readonly string[] = readFileSync(join(base, "vocab.txt"), "utf8")
  .split("\n")
  .filter((word) => /^[a-z]+$/.test(word));

/** A fresh folder, and how to remove it. */
export function workFolder(name: string): { readonly path: string; readonly remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), `probegrid-${name}-`));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** A csv of texts whose first word tells the label: each label has its own part of the vocabulary. */
export function writeRows(
  file: string,
  labelOfRow: readonly string[],
  labels: readonly string[] = [...new Set(labelOfRow)],
): string {
  const random = createRandom(labelOfRow.join());
  const share = Math.floor(words.length / labels.length);
  const rows = labelOfRow.map((label) => {
    const first = words[labels.indexOf(label) * share + random.integer(share)];
    const rest = Array.from(
      { length: random.integer(4) },
      () => words[random.integer(words.length)],
    );
    return `${[first, ...rest].join(" ")},${label}`;
  });
  writeFileSync(file, `text,label\n${rows.join("\n")}\n`);
  return file;
}

/** Labels in turn: neg, pos, neg, ... */
export const inTurn = (count: number, labels: readonly string[] = ["neg", "pos"]) =>
  Array.from({ length: count }, (_, i) => labels[i % labels.length]!);

export type Told = {
  readonly model?: string;
  readonly rows: string | Readonly<Record<string, unknown>>;
  readonly out: string;
  readonly tell?: (news: TrainingNews) => void;
};

/** One training of one epoch at rate 1e-2 unless the knobs say otherwise; throws where it was stopped. */
export async function train(
  knobs: Readonly<Record<string, unknown>>,
  { model = base, rows, out, tell = () => {} }: Told,
) {
  const result = await trainCheckpoint(
    {
      checkpoint: await openCheckpoint(model),
      dataset: await loadDataset(rows),
      settings: readSettings({ maxEpochs: 1, learningRate: 1e-2, ...knobs }),
      ...{ out, device: "cpu", threads: 1 },
      save: { steps: null, seconds: 300 },
    },
    { tell },
  );
  if (!result) throw new Error("the training was stopped");
  return { ...result, out };
}

export const weightsOf = (out: string) => readHeader(join(out, "model.safetensors")).tensors;
export const valuesOf = (out: string, name: string): Float32Array =>
  readRows(weightsOf(out).get(name)!);

/** A command of the product, run in a folder. */
export function runIn(folder: string, ...args: readonly string[]) {
  return spawnSync(process.execPath, [command, ...args], { encoding: "utf8", cwd: folder });
}
