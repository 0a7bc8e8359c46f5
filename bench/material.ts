/** @file Texts and a checkpoint to measure with: the user's own, or synthetic ones of the usual shape. */

import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import {
  createRandom,
  createTokenizer,
  inference,
  modelInputs,
  readModel,
  type TokenizedText,
} from "@probegrid/probes";
import * as g from "@probegrid/probes/graph";
import { type Checkpoint, openCheckpoint } from "../packages/runner/src/checkpoint.ts";
import { loadDataset } from "../packages/runner/src/dataset.ts";
import { writeSafetensors } from "../packages/runner/src/safetensors-writer.ts";
import type { BenchOptions } from "./options.ts";

const demo = new URL("../models/demo-bert/", import.meta.url).pathname;

export type Material = {
  /** A temporary folder, removed by `close`. */
  readonly folder: string;
  /** Folder of the checkpoint. */
  readonly model: string;
  readonly checkpoint: Checkpoint;
  /** A JSONL file of the rows: `text` and `label`. */
  readonly file: string;
  readonly texts: readonly string[];
  readonly targets: Int32Array;
  readonly classes: number;
  readonly tokenized: readonly TokenizedText[];
  readonly close: () => void;
};

/** Opens or makes what a benchmark needs. */
export async function openMaterial(options: BenchOptions): Promise<Material> {
  const folder = mkdtempSync(join(tmpdir(), "probegrid-bench-"));
  const model = options.model ? resolve(options.model) : makeModel(folder, options);
  const checkpoint = await openCheckpoint(model, { memory: folder });
  const { texts, targets, classes } = await rowsOf(options);
  const file = join(folder, "rows.jsonl");
  const lines = texts.map((text, i) => JSON.stringify({ text, label: targets[i] }));
  writeFileSync(file, `${lines.join("\n")}\n`);
  const limit = readModel(checkpoint.config).geometry.maxTokens;
  const tokenizer = createTokenizer(checkpoint.tokenizerFiles, {
    maxTokens: limit,
    truncation: "end",
  });
  const tokenized = texts.map((text) => tokenizer.encode(text, null));
  const close = () => rmSync(folder, { recursive: true });
  return { folder, model, checkpoint, file, texts, targets, classes, tokenized, close };
}

async function rowsOf(options: BenchOptions) {
  if (options.data === null) return makeRows(options.rows);
  const { data: path, text, label, rows: limit } = options;
  const dataset = await loadDataset({ path, text, label, limit }, { from: process.cwd() });
  if (!(dataset.targets instanceof Int32Array)) throw new Error(`bench: ${path} has no classes`);
  return {
    texts: dataset.texts,
    targets: dataset.targets,
    classes: dataset.labels?.length ?? 0,
  };
}

/** Sentences as long as those of SST-2's development set (about 20 words, 3 to 50), of the demo language's words. */
function makeRows(rows: number) {
  const random = createRandom("bench/rows");
  const vocabulary = readFileSync(join(demo, "vocab.txt"), "utf8").split("\n");
  const words = vocabulary.filter((word) => /^[a-z]{2,}$/.test(word));
  const targets = Int32Array.from({ length: rows }, () => random.integer(2));
  const texts = Array.from(targets, (label) => {
    const length = Math.max(3, Math.min(50, Math.round(19.5 + 9 * random.normal())));
    // Of one half of the words one class has more: a signal that needs many words to be read.
    return Array.from({ length }, () => {
      const at = random.integer(words.length);
      const swap = random.next() < 0.15 && at % 2 !== label;
      return words[swap ? (at + 1) % words.length : at];
    }).join(" ");
  });
  return { texts, targets, classes: 2 };
}

/** A BERT with random weights, 64 units a head, and the demo model's tokenizer. */
function makeModel(folder: string, { width, layers }: BenchOptions): string {
  const path = join(folder, `bert-${layers}x${width}`);
  mkdirSync(path);
  for (const name of ["tokenizer.json", "tokenizer_config.json", "vocab.txt"]) {
    cpSync(join(demo, name), join(path, name));
  }
  const config = {
    ...JSON.parse(readFileSync(join(demo, "config.json"), "utf8")),
    ...{ architectures: ["BertModel"], hidden_size: width, num_hidden_layers: layers },
    ...{ num_attention_heads: Math.max(1, Math.round(width / 64)), intermediate_size: 4 * width },
    ...{ max_position_embeddings: 512, dtype: "float32" },
  };
  writeFileSync(join(path, "config.json"), JSON.stringify(config));
  const random = createRandom("bench/model");
  const tensors: Record<string, { dtype: "F32"; shape: readonly number[]; data: Float32Array }> =
    {};
  const model = readModel(config);
  const made = new Map<string, g.Node>();
  const forward = inference((name, shape) => {
    const known = made.get(name);
    if (known) return known;
    const data = new Float32Array(shape.reduce((product, one) => product * one, 1));
    const scale = shape.length > 1;
    for (let i = 0; i < data.length; i++) {
      data[i] = scale ? 0.05 * (2 * random.next() - 1) : name.endsWith("weight") ? 1 : 0;
    }
    tensors[name] = { dtype: "F32", shape, data };
    const node = g.input(name, shape);
    made.set(name, node);
    return node;
  });
  const inputs = modelInputs();
  model.encode(forward, model.embed(forward, inputs), inputs);
  writeSafetensors(join(path, "model.safetensors"), tensors, { format: "pt" });
  return path;
}
