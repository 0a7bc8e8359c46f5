/** @file Opens a checkpoint folder: configuration, where each weight lies, tokenizer files and a content hash. */

import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import { basename, dirname, join, sep } from "node:path";
import { z } from "zod";
import { ExperimentError, messageOf } from "./errors.ts";
import { findModel } from "./hub/find-model.ts";
import { parseJson, refuseHostile } from "./parse-json.ts";
import {
  elementBytes,
  readHeader,
  type SafetensorsHeader,
  type StoredTensor,
  type StoredType,
} from "./safetensors.ts";
import { type ConvertedWeights, convertedWeights } from "./torch/converted.ts";
import { hashWeights } from "./weight-hashes.ts";

/** A model on disk, checked: plain data that can be sent to a worker. */
export type Checkpoint = {
  /** First 16 hex digits of the sha256 of configuration, weights and tokenizer files. */
  readonly id: string;
  readonly name: string;
  readonly path: string;
  /** Commit of the model hub, when the folder is a snapshot in its cache. */
  readonly revision: string | null;
  readonly config: Readonly<Record<string, unknown>>;
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  /** Contents of the tokenizer files that are there, by file name. */
  readonly tokenizerFiles: Readonly<Record<string, string>>;
  readonly bytes: number;
  readonly parameters: number;
  /** Element type of most parameters. */
  readonly dtype: StoredType;
};

/** Every file a tokenizer can be built from. */
export const tokenizerFileNames = [
  "tokenizer.json",
  "tokenizer_config.json",
  "special_tokens_map.json",
  "added_tokens.json",
  "vocab.txt",
  "vocab.json",
  "merges.txt",
] as const;

type Options = {
  /** Folder of the experiment file. */
  readonly from?: string;
  /** Cache folder in which hashes of weight files are remembered and converted weights are kept. */
  readonly memory?: string;
};

/** Where weights are converted to when no cache folder is given. */
const defaultCache = join("data", "cache");

/** Opens a folder as Hugging Face lays it out, or a model of the hub that is cached; throws ExperimentError on anything missing or damaged. */
export async function openCheckpoint(
  folder: string,
  { from, memory }: Options = {},
): Promise<Checkpoint> {
  const path = snapshotOf(findModel(folder, { from }));
  if (!statSync(path).isDirectory()) {
    throw new ExperimentError(`model "${folder}": expected a folder, got a file`);
  }
  try {
    const configText = readConfig(path);
    const config = parseObject(join(path, "config.json"), configText);
    const { tensors, headers } = findWeights(path, memory ?? defaultCache);
    const tokenizerFiles = readTokenizerFiles(path);
    const weightHashes = await hashWeights(headers, memory);
    const hash = createHash("sha256").update(`config.json ${sha256(configText)}\n`);
    for (const digest of [...weightHashes.values()].sort()) hash.update(`weights ${digest}\n`);
    for (const [name, text] of Object.entries(tokenizerFiles)) {
      hash.update(`${name} ${sha256(text)}\n`);
    }
    return {
      id: hash.digest("hex").slice(0, 16),
      ...nameOf(path),
      path,
      config,
      tensors,
      tokenizerFiles,
      ...countParameters(tensors),
    };
  } catch (cause) {
    if (cause instanceof ExperimentError) throw cause;
    throw new ExperimentError(messageOf(cause), { cause });
  }
}

/** A repository folder of the hub's cache stands for the snapshot its `main` names. */
function snapshotOf(path: string): string {
  const main = join(path, "refs", "main");
  if (!existsSync(main)) return path;
  return join(path, "snapshots", readFileSync(main, "utf8").trim());
}

/** Folders that many checkpoints are in, and trials by their ids: they go by their parent's name as well. */
const common =
  /^(models?|checkpoints?|checkpoint-\d+|best|last|final|output|export|pytorch|[0-9a-f]{16})$/i;

/** `…/models--owner--name/snapshots/<commit>` is a snapshot of owner/name at that commit. */
function nameOf(path: string): { name: string; revision: string | null } {
  const [repository, snapshots, commit] = path.split(sep).slice(-3);
  if (repository?.startsWith("models--") && snapshots === "snapshots" && commit !== undefined) {
    return { name: repository.slice("models--".length).replaceAll("--", "/"), revision: commit };
  }
  const name = basename(path);
  const parent = basename(dirname(path));
  return { name: common.test(name) && parent ? `${parent}/${name}` : name, revision: null };
}

function readConfig(path: string): string {
  const file = join(path, "config.json");
  if (existsSync(file)) return readPlainFile(file);
  throw new ExperimentError(`model ${path}: config.json is missing, found ${listing(path)}`);
}

type Weights = {
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  readonly headers: ReadonlyMap<string, SafetensorsHeader>;
};

function findWeights(path: string, cache: string): Weights {
  const index = join(path, "model.safetensors.index.json");
  const single = join(path, "model.safetensors");
  if (existsSync(single)) {
    const file = realpathSync(single);
    const header = readHeader(file);
    return { tensors: header.tensors, headers: new Map([[file, header]]) };
  }
  if (existsSync(index)) return readShards(path, index);
  const converted = convertedWeights(path, cache);
  if (converted !== null) return openConverted(converted);
  const others = readdirSync(path).filter((name) => /\.(bin|h5|msgpack|pt|ckpt)$/.test(name));
  throw new ExperimentError(
    others.length > 0
      ? `model ${path}: only ${others.join(", ")} found, expected model.safetensors or pytorch_model.bin` +
          " (save the model with transformers' save_pretrained to convert it)"
      : `model ${path}: model.safetensors is missing, found ${listing(path)}`,
  );
}

function openConverted({ files, tensors }: ConvertedWeights): Weights {
  const headers = new Map(files.map((file) => [file, readHeader(file)]));
  const all = [...headers.values()].flatMap((header) => [...header.tensors]);
  const wanted = new Map(all.filter(([name, { file }]) => (tensors?.get(name) ?? file) === file));
  const missing = [...(tensors?.keys() ?? [])].find((name) => !wanted.has(name));
  if (missing === undefined) return { tensors: wanted, headers };
  throw new ExperimentError(
    `${tensors?.get(missing)}: tensor "${missing}" is missing from this shard`,
  );
}

const shardIndex = z.object({ weight_map: z.record(z.string(), z.string()) });

function readShards(path: string, index: string): Weights {
  const parsed = shardIndex.safeParse(parseObject(index, readPlainFile(index)));
  if (!parsed.success) {
    throw new ExperimentError(`${index}: expected weight_map to map tensors to file names`);
  }
  const headers = new Map<string, SafetensorsHeader>();
  const tensors = new Map<string, StoredTensor>();
  const shards = new Map<string, SafetensorsHeader>();
  for (const [name, shard] of Object.entries(parsed.data.weight_map)) {
    const header = shards.get(shard) ?? openShard(path, shard);
    const tensor = header.tensors.get(name);
    if (!tensor) {
      throw new ExperimentError(
        `${join(path, shard)}: tensor "${name}" is missing from this shard`,
      );
    }
    shards.set(shard, header);
    headers.set(tensor.file, header);
    tensors.set(name, tensor);
  }
  return { tensors, headers };
}

function openShard(path: string, shard: string): SafetensorsHeader {
  if (basename(shard) !== shard || shard === "..") {
    throw new ExperimentError(`${path}: shard "${shard}" is not a plain file name`);
  }
  const file = join(path, shard);
  if (!existsSync(file)) throw new ExperimentError(`model ${path}: shard ${shard} is missing`);
  return readHeader(realpathSync(file));
}

function readTokenizerFiles(path: string): Readonly<Record<string, string>> {
  const found = tokenizerFileNames.filter((name) => existsSync(join(path, name)));
  return Object.fromEntries(found.map((name) => [name, readTokenizerFile(join(path, name))]));
}

/** A pipe or a device would be waited for, or read, for ever. */
function readPlainFile(file: string): string {
  if (statSync(file).isFile()) return readFileSync(file, "utf8");
  throw new ExperimentError(`${file}: expected a plain file`);
}

/** The tokenizers' own readers walk over what they find. */
function readTokenizerFile(file: string): string {
  const text = readPlainFile(file);
  try {
    if (file.endsWith(".json")) refuseHostile(text);
    return text;
  } catch (cause) {
    throw new ExperimentError(`${file}: ${messageOf(cause)}`, { cause });
  }
}

function countParameters(tensors: ReadonlyMap<string, StoredTensor>): {
  bytes: number;
  parameters: number;
  dtype: StoredType;
} {
  const counts = new Map<StoredType, number>();
  let bytes = 0;
  for (const tensor of tensors.values()) {
    bytes += tensor.bytes;
    if (!floats.has(tensor.dtype)) continue; // position numbers and masks are not parameters
    const values = tensor.bytes / elementBytes[tensor.dtype];
    counts.set(tensor.dtype, (counts.get(tensor.dtype) ?? 0) + values);
  }
  const [most] = [...counts].sort(([, a], [, b]) => b - a);
  const parameters = [...counts.values()].reduce((sum, count) => sum + count, 0);
  return { bytes, parameters, dtype: most?.[0] ?? "F32" };
}

const floats: ReadonlySet<StoredType> = new Set(["F64", "F32", "F16", "BF16"]);

function parseObject(file: string, text: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = parseJson(text.replace(/^\uFEFF/, ""));
  } catch (cause) {
    throw new ExperimentError(`${file}: expected JSON, got ${messageOf(cause)}`, { cause });
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  throw new ExperimentError(`${file}: expected a JSON object`);
}

function listing(path: string): string {
  const names = readdirSync(path).filter((name) => !name.startsWith("."));
  if (names.length === 0) return `an empty folder (${dirname(path)})`;
  return names.slice(0, 12).join(", ") + (names.length > 12 ? ", …" : "");
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
