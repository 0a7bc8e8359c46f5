/** @file Rotary position embeddings (Su et al. 2021), with the frequency scalings of Llama checkpoints. */

import { z } from "zod";
import {
  add,
  concat,
  constant,
  div,
  gather,
  mul,
  type Node,
  neg,
  reshape,
  slice,
  sub,
} from "../graph/index.ts";
import { widthOf } from "./layers.ts";

/** Rotary parameters as new configs write them (`rope_parameters`), and old ones (`rope_scaling`). */
export const ropeParameters = z.looseObject({
  rope_type: z.enum(["default", "linear", "llama3"]).optional(),
  type: z.enum(["default", "linear", "llama3"]).optional(),
  rope_theta: z.number().positive().optional(),
  partial_rotary_factor: z.number().positive().max(1).optional(),
  factor: z.number().positive().optional(),
  low_freq_factor: z.number().positive().optional(),
  high_freq_factor: z.number().positive().optional(),
  original_max_position_embeddings: z.number().positive().optional(),
});
export type RopeParameters = z.infer<typeof ropeParameters>;

/** Heads have 64 to 256; a table has a row of half of them for every 64th position. */
const mostRotated = 1024;

/** Inverse frequencies of `size` rotated dimensions, size / 2 of them. */
export function inverseFrequencies(
  size: number,
  theta: number,
  rope: RopeParameters = {},
): Float32Array {
  if (size > mostRotated) {
    throw new Error(`config: expected heads of at most ${mostRotated} numbers, got ${size}`);
  }
  const plain = Float32Array.from({ length: size / 2 }, (_, i) => theta ** ((-2 * i) / size));
  const type = rope.rope_type ?? rope.type ?? "default";
  const factor = rope.factor ?? 1;
  if (type === "linear") return plain.map((f) => f / factor);
  if (type === "default") return plain;
  const { low_freq_factor: low = 1, high_freq_factor: high = 4 } = rope;
  const context = rope.original_max_position_embeddings ?? 8192;
  return plain.map((frequency) => {
    const wavelength = (2 * Math.PI) / frequency;
    if (wavelength < context / high) return frequency;
    if (wavelength > context / low) return frequency / factor;
    const smooth = (context / wavelength - low) / (high - low);
    return ((1 - smooth) * frequency) / factor + smooth * frequency;
  });
}

export type Rotation = { readonly cos: Node; readonly sin: Node };

/** Positions are split into a coarse and a fine part, so that two small tables reach every one. */
const fine = 256;

/**
 * Cosines and sines of every position's angles. [batch, 1, tokens, size]
 *
 * The angles' own cosines come from tables made in double precision and are joined by the addition
 * theorems: GPUs promise no more than 2^-11 for the cosine of a large angle.
 */
export function rotation(
  positions: Node,
  frequencies: Float32Array,
  maxPositions: number,
): Rotation {
  const [batch, tokens] = positions.shape;
  const at = reshape(positions, [batch!, 1, tokens!]);
  const high = div(at, constant(BigInt64Array.of(BigInt(fine))));
  const low = sub(at, mul(high, constant(BigInt64Array.of(BigInt(fine)))));
  const rows = Math.ceil(maxPositions / fine);
  const table = (
    of: (angle: number) => number,
    { step, count }: { step: number; count: number },
  ) => {
    const values = Float32Array.from({ length: count * frequencies.length }, (_, i) => {
      const row = Math.floor(i / frequencies.length);
      return of(row * step * frequencies[i % frequencies.length]!);
    });
    return constant(values, [count, frequencies.length]);
  };
  const coarse = { step: fine, count: rows };
  const cosHigh = gather(table(Math.cos, coarse), high); // [batch, 1, tokens, size / 2]
  const sinHigh = gather(table(Math.sin, coarse), high);
  const cosLow = gather(table(Math.cos, { step: 1, count: fine }), low);
  const sinLow = gather(table(Math.sin, { step: 1, count: fine }), low);
  const cos = sub(mul(cosHigh, cosLow), mul(sinHigh, sinLow));
  const sin = add(mul(sinHigh, cosLow), mul(cosHigh, sinLow));
  return { cos: concat([cos, cos], 3), sin: concat([sin, sin], 3) };
}

/** Rotates the first dimensions of every head, as many as the rotation has. [batch, heads, tokens, size] */
export function rotate(x: Node, by: Rotation): Node {
  const size = widthOf(by.cos);
  if (widthOf(x) === size) return rotateAll(x, by);
  const turned = rotateAll(slice(x, 3, { end: size }), by);
  return concat([turned, slice(x, 3, { start: size })], 3);
}

function rotateAll(x: Node, { cos: c, sin: s }: Rotation): Node {
  const half = widthOf(x) / 2;
  const swapped = concat([neg(slice(x, 3, { start: half })), slice(x, 3, { end: half })], 3);
  return add(mul(x, c), mul(swapped, s));
}
