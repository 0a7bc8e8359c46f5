/** @file Writes a fine-tuned checkpoint as Hugging Face lays it out: all of the folder or nothing. */

import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import {
  findTensor,
  headPrefix,
  isNative,
  type Model,
  type StoredTensor as ModelTensor,
  type UsedWeight,
} from "@probegrid/probes";
import { replaceFile, syncFolder } from "../atomic-file.ts";
import type { Checkpoint } from "../checkpoint.ts";
import { readRows, type StoredTensor } from "../safetensors.ts";
import { createSafetensors } from "../safetensors-writer.ts";
import { type ClassifierConfig, writeClassifierConfig } from "./classifier-config.ts";
import { configText } from "./config-text.ts";

export type SavedModel = {
  readonly base: Checkpoint;
  readonly model: Model;
  readonly classifier: ClassifierConfig;
  readonly used: ReadonlyMap<string, UsedWeight>;
  /** Values of a trained weight. */
  readonly trained: (name: string) => Float32Array;
  /** What was done, for whoever finds the folder: written to probegrid.json. */
  readonly record: unknown;
};

/** Writes the folder under a temporary name and renames it; an older folder of that name is replaced. */
export function saveCheckpoint(folder: string, saved: SavedModel): void {
  const parent = dirname(folder);
  mkdirSync(parent, { recursive: true });
  const begin = `.${basename(folder)}.`;
  for (const name of readdirSync(parent)) {
    const left = name.startsWith(begin) && /^\d+\.partial$/.test(name.slice(begin.length));
    if (left) rmSync(join(parent, name), { recursive: true, force: true }); // its writer was killed: one writes at a time
  }
  const temporary = join(parent, `${begin}${process.pid}.partial`);
  mkdirSync(temporary);
  try {
    writeWeights(join(temporary, "model.safetensors"), saved);
    const config = writeClassifierConfig(
      saved.base.config,
      saved.classifier,
      architectureName(saved),
    );
    const original = readFileSync(join(saved.base.path, "config.json"), "utf8");
    replaceFile(join(temporary, "config.json"), configText(config, original));
    replaceFile(join(temporary, "probegrid.json"), json(saved.record));
    for (const [name, text] of Object.entries(saved.base.tokenizerFiles)) {
      replaceFile(join(temporary, name), text);
    }
    replaceFolder(temporary, folder);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** Its class in `transformers`: with a head of our own only the body can be loaded there. */
function architectureName({ classifier, model }: SavedModel): string {
  return isNative(classifier.head)
    ? model.classifierName
    : model.classifierName.replace(/ForSequenceClassification$/, "Model");
}

function writeWeights(file: string, { base, model, classifier, used, trained }: SavedModel): void {
  const whole = isNative(classifier.head) ? [] : unusedPooler(base, model, used);
  const weights = [...used.values(), ...whole];
  const names = new Map(weights.map(({ name }) => [name, storedName(name, model, used)]));
  const writer = createSafetensors(file, {
    tensors: Object.fromEntries(
      weights.map(({ name, shape }) => [names.get(name)!, { dtype: "F32" as const, shape }]),
    ),
    metadata: { format: "pt" },
  });
  try {
    for (const weight of weights) {
      const values = weight.trained ? trained(weight.name) : storedValues(base, model, weight.name);
      writer.write(names.get(weight.name)!, values);
    }
    writer.close();
  } finally {
    writer.discard();
  }
}

/** Values that a checkpoint stores for a weight, in single precision. */
export function storedValues(
  { tensors, path }: Pick<Checkpoint, "tensors" | "path">,
  { prefix }: Pick<Model, "prefix">,
  name: string,
): Float32Array {
  const stored = findTensor(tensors as ReadonlyMap<string, ModelTensor>, name, prefix);
  if (!stored) throw new Error(`model ${path}: tensor "${name}" is missing`);
  return readRows(stored as StoredTensor);
}

/** Body and pooler lie under the architecture's prefix, heads beside it. */
function storedName(
  name: string,
  { prefix }: Model,
  used: ReadonlyMap<string, UsedWeight>,
): string {
  const ofHead = used.get(name)?.depth === "head" && !name.startsWith("pooler");
  return ofHead || name.startsWith(headPrefix) ? name : `${prefix}${name}`;
}

/** A pooler that no head of ours reads is kept, so that the body still loads whole. */
function unusedPooler(
  { tensors }: Checkpoint,
  { prefix }: Model,
  used: ReadonlyMap<string, UsedWeight>,
): readonly UsedWeight[] {
  return ["pooler.dense.weight", "pooler.dense.bias", "pooler.weight", "pooler.bias"].flatMap(
    (name) => {
      const stored = findTensor(tensors as ReadonlyMap<string, ModelTensor>, name, prefix);
      if (!stored || used.has(name)) return [];
      return [{ name, shape: stored.shape, depth: "head" as const, trained: false }];
    },
  );
}

function replaceFolder(temporary: string, folder: string): void {
  const parent = dirname(folder);
  const old = join(parent, `.${basename(folder)}.${process.pid}.old`);
  if (existsSync(folder)) renameSync(folder, old);
  renameSync(temporary, folder);
  syncFolder(parent);
  rmSync(old, { recursive: true, force: true });
}
