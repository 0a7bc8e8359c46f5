/** @file Where encodings lie in the cache: their ids, file names, and which features each holds. */

import { existsSync, rmSync, statfsSync } from "node:fs";
import { dirname, join } from "node:path";
import { z } from "zod";
import { createFolder } from "./atomic-file.ts";
import { canonicalJson, idOf } from "./canonical.ts";
import { type CustomToken, tokenKey } from "./experiment/poolers.ts";
import { type TokenPooling, tokenName } from "./experiment/vocabulary.ts";
import { readHeader, type StoredTensor } from "./safetensors.ts";

/** Raise it when the same texts and weights would give other features; encodings made before are then made anew. */
const algorithmVersion = 1;

/** What an encoding is determined by. */
export type EncodingKey = {
  readonly dataset: string;
  readonly model: string;
  readonly truncation: "end" | "front";
  readonly maxTokens: number | null;
  readonly precision: "float32" | "float16";
};

/** One pooled matrix: tokens of one hidden state, or of the several a custom pooler reads. */
export type Feature = {
  readonly layers: readonly number[];
  readonly token: TokenPooling | CustomToken;
};

/** What was counted while encoding. */
export type EncodingCounts = {
  readonly texts: number;
  readonly tokens: number;
  readonly truncated: number;
  readonly seconds: number;
};

/** An encoding that is there: its features by name, over all its parts, and the counts of the first. */
export type CachedEncoding = EncodingCounts & {
  readonly features: ReadonlyMap<string, StoredTensor>;
  readonly files: readonly string[];
  readonly bytes: number;
};

export function encodingId(key: EncodingKey): string {
  return idOf({ ...key, version: algorithmVersion });
}

/** Name of a feature inside the file: `layer.3.token.mean`. */
export function featureName({ layers, token }: Feature): string {
  const name = token.kind === "custom" ? `custom.${token.name}.${token.hash}` : tokenName(token);
  const key = name.replaceAll(" ", "-");
  return layers.length === 1
    ? `layer.${layers[0]}.token.${key}`
    : `layers.${layers.join("-")}.token.${key}`;
}

/** True when two features are the same numbers. */
export function featureKey({ layers, token }: Feature): string {
  return canonicalJson([layers, tokenKey(token)]);
}

/** Parts of an encoding: `<id>.safetensors`, then one more file for each grid that needed more of it. */
export function encodingFile(cache: string, id: string, part: number): string {
  return join(cache, part === 0 ? `${id}.safetensors` : `${id}.${part}.safetensors`);
}

const counts = z.object({
  texts: z.coerce.number(),
  tokens: z.coerce.number(),
  truncated: z.coerce.number(),
  seconds: z.coerce.number(),
});

/** Reads the headers of every part; a damaged part is dropped, and with it what only it held. */
export function openEncoding(cache: string, id: string): CachedEncoding {
  const features = new Map<string, StoredTensor>();
  const files: string[] = [];
  let bytes = 0;
  let found: EncodingCounts = { texts: 0, tokens: 0, truncated: 0, seconds: 0 };
  for (let part = 0; existsSync(encodingFile(cache, id, part)); part++) {
    const file = encodingFile(cache, id, part);
    files.push(file);
    try {
      const header = readHeader(file);
      const told = counts.parse(header.metadata);
      found = part === 0 ? told : { ...found, seconds: found.seconds + told.seconds };
      for (const [name, tensor] of header.tensors) {
        if (!features.has(name)) features.set(name, tensor);
        bytes += tensor.bytes;
      }
    } catch {
      rmSync(file); // computed data: making it again is safer than guessing what is left of it
      files.pop();
      break;
    }
  }
  return { ...found, features, files, bytes };
}

/** Number of the next part to be written. */
export function nextPart(encoding: CachedEncoding): number {
  return encoding.files.length;
}

/** Bytes free for an ordinary user where a folder is, or will be. */
export function freeBytes(folder: string): number {
  let existing = folder;
  while (!existsSync(existing) && dirname(existing) !== existing) existing = dirname(existing);
  const { bavail, bsize } = statfsSync(existing);
  return bavail * bsize;
}

/** Makes the cache folder, for its owner alone. */
export function createCache(cache: string): void {
  createFolder(cache);
}
