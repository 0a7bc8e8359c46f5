/** @file The randomly initialised model: the same architecture and tokenizer, weights that were never trained. */

import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { createRandom } from "@probegrid/probes";
import { replaceFile } from "./atomic-file.ts";
import { type Checkpoint, tokenizerFileNames } from "./checkpoint.ts";
import { createSafetensors } from "./safetensors-writer.ts";

/** How an experiment names it: `random:<model>`, or `random:<seed>:<model>` for other weights. */
const pattern = /^random:(?:(\d+):)?(.+)$/s;

/** The model and the seed that a name asks for; undefined for a trained model. */
export function randomModel(
  name: string,
): { readonly model: string; readonly seed: number } | undefined {
  const [, seed, model] = pattern.exec(name) ?? [];
  return model === undefined ? undefined : { model, seed: Number(seed ?? 0) };
}

/**
 * Makes a checkpoint folder in the cache and returns its path. As transformers initialises: scales of normalisations 1,
 * biases 0, everything else normal with the configuration's initializer_range (0.02 where it has none).
 */
export function makeRandomCheckpoint(
  { id, name, config, tensors, tokenizerFiles }: Checkpoint,
  { cache, seed }: { readonly cache: string; readonly seed: number },
): string {
  const title = seed === 0 ? `random-${name}` : `random-${seed}-${name}`;
  const folder = join(cache, "random", id, title.replaceAll(/[^\w.-]/g, "-"));
  const weights = join(folder, "model.safetensors");
  if (existsSync(weights)) return folder;
  mkdirSync(folder, { recursive: true });
  replaceFile(join(folder, "config.json"), JSON.stringify(config, null, 2));
  for (const file of tokenizerFileNames) {
    const text = tokenizerFiles[file];
    if (text !== undefined) replaceFile(join(folder, file), text);
  }
  const trained = [...tensors].filter(([, { dtype }]) => floats.has(dtype));
  const random = createRandom(seed).fork("weights");
  const deviation = Number(config.initializer_range ?? 0.02);
  const writer = createSafetensors(weights, {
    tensors: Object.fromEntries(
      trained.map(([tensor, { shape }]) => [tensor, { dtype: "F32", shape }]),
    ),
    metadata: { format: "pt" },
  });
  try {
    for (const [tensor, { shape }] of trained) {
      const values = new Float32Array(shape.reduce((product, one) => product * one, 1));
      const constant = constantOf(tensor, shape);
      if (constant !== null) values.fill(constant);
      else {
        const own = random.fork(tensor);
        for (let i = 0; i < values.length; i++) values[i] = deviation * own.normal();
      }
      writer.write(tensor, values);
    }
    writer.close();
  } finally {
    writer.discard();
  }
  return folder;
}

/** Types of weights; buffers of whole numbers, such as positions, are part of no model of ours. */
const floats: ReadonlySet<string> = new Set(["F64", "F32", "F16", "BF16"]);

/** The value that a vector begins training with: 0 for a bias, 1 for the scale of a normalisation; null for a matrix. */
function constantOf(tensor: string, shape: readonly number[]): number | null {
  if (shape.length > 1) return null;
  return /(^|[._])(bias|beta)$/.test(tensor) ? 0 : 1;
}
