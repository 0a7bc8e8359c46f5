/** @file Checkpoints that only hold pytorch_model.bin: converted once into the cache, then used from there. */

import { existsSync, mkdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { z } from "zod";
import { idOf } from "../canonical.ts";
import { ExperimentError, messageOf } from "../errors.ts";
import { parseJson } from "../parse-json.ts";
import { convertStateDict } from "./convert.ts";

/** Raise it when the same file would be converted to other bytes. */
const algorithmVersion = 1;

/** The .safetensors file that holds each tensor; `tensors` is null where one file holds them all. */
export type ConvertedWeights = {
  readonly files: readonly string[];
  /** Converted file of each tensor, where a checkpoint is divided. */
  readonly tensors: ReadonlyMap<string, string> | null;
};

/** Converts what a folder holds, or finds it converted; null where it holds no PyTorch weights. */
export function convertedWeights(path: string, cache: string): ConvertedWeights | null {
  const single = join(path, "pytorch_model.bin");
  if (existsSync(single)) return { files: [converted(single, cache)], tensors: null };
  const index = join(path, "pytorch_model.bin.index.json");
  if (!existsSync(index)) return null;
  const shards = new Map<string, string>();
  const tensors = new Map<string, string>();
  for (const [name, shard] of Object.entries(readIndex(index))) {
    const file = shards.get(shard) ?? converted(shardAt(path, shard), cache);
    shards.set(shard, file);
    tensors.set(name, file);
  }
  return { files: [...shards.values()], tensors };
}

const shardIndex = z.object({ weight_map: z.record(z.string(), z.string()) });

function readIndex(index: string): Readonly<Record<string, string>> {
  try {
    return shardIndex.parse(parseJson(readFileSync(index, "utf8"))).weight_map;
  } catch (cause) {
    const message = `${index}: expected weight_map to map tensors to file names`;
    throw new ExperimentError(message, { cause });
  }
}

function shardAt(path: string, shard: string): string {
  if (basename(shard) !== shard || shard === "..") {
    throw new ExperimentError(`${path}: shard "${shard}" is not a plain file name`);
  }
  const file = join(path, shard);
  if (existsSync(file)) return file;
  throw new ExperimentError(`model ${path}: shard ${shard} is missing`);
}

/** A file is the same one while its path, size and time are. */
function converted(source: string, cache: string): string {
  const file = realpathSync(source);
  const { size, mtimeMs } = statSync(file);
  const folder = join(cache, "converted");
  const target = join(folder, `${idOf({ file, size, mtimeMs, algorithmVersion })}.safetensors`);
  if (existsSync(target)) return realpathSync(target);
  try {
    mkdirSync(folder, { recursive: true });
    convertStateDict(file, target);
  } catch (cause) {
    throw new ExperimentError(messageOf(cause), { cause }); // it names the file
  }
  return realpathSync(target);
}
