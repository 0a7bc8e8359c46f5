/** @file Rotary position embeddings (Su et al. 2021), with the frequency scalings of Llama checkpoints. */

import { z } from "zod";
import {
  add,
  cast,
  concat,
  constant,
  cos,
  mul,
  type Node,
  neg,
  reshape,
  sin,
  slice,
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

/** Inverse frequencies of `size` rotated dimensions, size / 2 of them. */
export function inverseFrequencies(
  size: number,
  theta: number,
  rope: RopeParameters = {},
): Float32Array {
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

/** Cosines and sines of every position's angles. [batch, 1, tokens, size] */
export function rotation(positions: Node, frequencies: Float32Array): Rotation {
  const [batch, tokens] = positions.shape;
  const at = reshape(cast(positions, "float32"), [batch!, 1, tokens!, 1]);
  const half = mul(at, constant(frequencies));
  const angles = concat([half, half], 3);
  return { cos: cos(angles), sin: sin(angles) };
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
