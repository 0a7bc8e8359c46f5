/** @file Finding a model's weights in a checkpoint, under new and old names, and checking their shapes. */

import { type DType, type Node, weight } from "../graph/index.ts";
import type { Weights } from "../nn/layers.ts";

/** One tensor of a checkpoint, where it lies. */
export type StoredTensor = {
  /** The real path of the file, links resolved. */
  readonly file: string;
  /** Position of the first byte in the file. */
  readonly offset: number;
  readonly bytes: number;
  /** As safetensors names it: F32, F16, BF16. */
  readonly dtype: string;
  readonly shape: readonly number[];
};

const dtypes: Readonly<Record<string, DType>> = {
  F32: "float32",
  F16: "float16",
  BF16: "bfloat16",
};

/** Names under which checkpoints of different ages store the same tensor. */
function candidates(name: string, prefix: string): readonly string[] {
  const old = name
    .replace(/LayerNorm\.weight$/, "LayerNorm.gamma")
    .replace(/LayerNorm\.bias$/, "LayerNorm.beta");
  return [...new Set([name, `${prefix}${name}`, old, `${prefix}${old}`])];
}

/** The stored tensor of a weight, or undefined where the checkpoint has none under any known name. */
export function findTensor(
  tensors: ReadonlyMap<string, StoredTensor>,
  name: string,
  prefix: string,
): StoredTensor | undefined {
  for (const candidate of candidates(name, prefix)) {
    const found = tensors.get(candidate);
    if (found) return found;
  }
  return undefined;
}

/** Weights used where they lie. Throws where one is missing, has another shape or an unusable type. */
export function storedWeights(tensors: ReadonlyMap<string, StoredTensor>, prefix: string): Weights {
  const made = new Map<string, Node>();
  return (name, shape) => {
    const known = made.get(name);
    if (known) return known;
    const stored = findTensor(tensors, name, prefix);
    if (stored === undefined) {
      throw new Error(
        `checkpoint: tensor "${name}" is missing (also looked for ${candidates(name, prefix).slice(1).join(", ")})`,
      );
    }
    if (stored.shape.length !== shape.length || stored.shape.some((dim, i) => dim !== shape[i])) {
      throw new Error(
        `checkpoint: tensor "${name}" has shape [${stored.shape.join(", ")}], expected [${shape.join(", ")}] from config.json`,
      );
    }
    const dtype = dtypes[stored.dtype];
    if (dtype === undefined) {
      throw new Error(
        `checkpoint: tensor "${name}" has type ${stored.dtype}, expected F32, F16 or BF16`,
      );
    }
    const cut = stored.file.lastIndexOf("/") + 1;
    const source = {
      folder: stored.file.slice(0, cut) || ".",
      file: stored.file.slice(cut),
      offset: stored.offset,
      bytes: stored.bytes,
    };
    const value = weight(name, source, { shape, dtype });
    made.set(name, value);
    return value;
  };
}
