/** @file Token pooling: the hidden states of a text's tokens become one vector. Padding never counts. */

import { add, constant, type Node, neg, reduceMax, reshape, scale, sub } from "./graph/index.ts";

/**
 * How tokens become one vector. `cls` is the first token; `quantile` picks one real token (R1's
 * PoolToken: position round-half-even(q · (n - 1)), 0 the first, 1 the last); `firstMean` and
 * `lastMean` average that many real tokens from one end, or all of a shorter text.
 */
export type TokenPooling =
  | { readonly kind: "cls" | "mean" | "max" | "min" }
  | { readonly kind: "quantile"; readonly quantile: number }
  | { readonly kind: "firstMean" | "lastMean"; readonly count: number };

/** Rounds halves to the even neighbour, as NumPy and torch do. */
export function roundHalfEven(x: number): number {
  const floor = Math.floor(x);
  if (x - floor !== 0.5) return Math.round(x);
  return floor % 2 === 0 ? floor : floor + 1;
}

/**
 * The weight of each of n real tokens, for poolings that are weighted sums of tokens; null for max
 * and min, which are not.
 */
export function tokenWeights(pooling: TokenPooling, n: number): Float32Array | null {
  const weights = new Float32Array(n);
  switch (pooling.kind) {
    case "max":
    case "min":
      return null;
    case "cls":
      weights[0] = 1;
      return weights;
    case "mean":
      return weights.fill(1 / n);
    case "quantile":
      weights[roundHalfEven(pooling.quantile * (n - 1))] = 1;
      return weights;
    case "firstMean": {
      const count = Math.min(pooling.count, n);
      return weights.fill(1 / count, 0, count);
    }
    case "lastMean": {
      const count = Math.min(pooling.count, n);
      return weights.fill(1 / count, n - count);
    }
  }
}

/** Element-wise maximum over real tokens. x [batch, tokens, width], mask [batch, tokens] -> [batch, width] */
export function maxOverTokens(x: Node, mask: Node): Node {
  const [batch, tokens] = mask.shape;
  const hidden = scale(sub(mask, constant(1)), 1e30); // 0 for real tokens, -1e30 for padding
  return reduceMax(add(x, reshape(hidden, [batch!, tokens!, 1])), [1]);
}

/** Element-wise minimum over real tokens. */
export const minOverTokens = (x: Node, mask: Node): Node => neg(maxOverTokens(neg(x), mask));

/** How several layers become one vector: element-wise, or side by side. */
export type LayerMethod = "mean" | "max" | "min" | "concat";

/**
 * Combines pooled layers, each [rows, width] row-major: tokens are pooled first, layers second.
 * Returns [rows, width], or [rows, layers · width] for concat.
 */
export function combineLayers(
  layers: readonly Float32Array[],
  method: LayerMethod,
  width: number,
): Float32Array {
  const first = layers[0]!;
  if (method === "concat") {
    const wide = new Float32Array(first.length * layers.length);
    layers.forEach((layer, l) => {
      for (let row = 0; row * width < layer.length; row++) {
        wide.set(layer.subarray(row * width, (row + 1) * width), (row * layers.length + l) * width);
      }
    });
    return wide;
  }
  const combined = first.slice();
  for (const layer of layers.slice(1)) {
    for (let i = 0; i < combined.length; i++) {
      const a = combined[i]!;
      const b = layer[i]!;
      combined[i] = method === "mean" ? a + b : method === "max" ? Math.max(a, b) : Math.min(a, b);
    }
  }
  if (method === "mean") for (let i = 0; i < combined.length; i++) combined[i]! /= layers.length;
  return combined;
}
