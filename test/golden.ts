/** @file Reading the golden models of test/fixtures/models, made by transformers and torch. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Model, type StoredTensor as ModelTensor, readModel } from "@probegrid/probes";
import {
  readHeader,
  readRowBytes,
  readRows,
  type StoredTensor,
} from "../packages/runner/src/safetensors.ts";

export const fixtures = new URL("./fixtures/models/", import.meta.url).pathname;

export type Golden = {
  readonly model: Model;
  readonly tensors: ReadonlyMap<string, ModelTensor>;
  readonly golden: ReadonlyMap<string, StoredTensor>;
  readonly gradients: () => ReadonlyMap<string, StoredTensor>;
};

/** A golden model with its expected values. */
export function openGolden(name: string, weights = "model.safetensors"): Golden {
  const folder = join(fixtures, name);
  const config = JSON.parse(readFileSync(join(folder, "config.json"), "utf8"));
  return {
    model: readModel(config),
    tensors: readHeader(join(folder, weights)).tensors,
    golden: readHeader(join(folder, "golden.safetensors")).tensors,
    gradients: () => readHeader(join(folder, "gradients.safetensors")).tensors,
  };
}

export const floatsOf = (tensor: StoredTensor): Float32Array => readRows(tensor);

/** int64 values as numbers. */
export function integersOf(tensor: StoredTensor): readonly number[] {
  const bytes = readRowBytes(tensor);
  const copy = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  return Array.from(new BigInt64Array(copy), Number);
}

/** The padded golden batch as tokenised texts without padding. */
export function goldenTexts(golden: Golden["golden"]) {
  const ids = integersOf(golden.get("input_ids")!);
  const mask = integersOf(golden.get("attention_mask")!);
  const types = integersOf(golden.get("token_type_ids")!);
  const [batch, tokens] = golden.get("input_ids")!.shape as [number, number];
  return Array.from({ length: batch }, (_, row) => {
    const real = mask.slice(row * tokens, (row + 1) * tokens).filter((m) => m === 1).length;
    const cut = (values: readonly number[]) => values.slice(row * tokens, row * tokens + real);
    return { ids: cut(ids), typeIds: cut(types) };
  });
}

/** The largest absolute difference where `counts` (all by default). */
export function largestDifference(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  counts: (index: number) => boolean = () => true,
): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY;
  let largest = 0;
  for (let i = 0; i < actual.length; i++) {
    if (counts(i)) largest = Math.max(largest, Math.abs(actual[i]! - expected[i]!));
  }
  return largest;
}
