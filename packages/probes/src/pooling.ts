/** @file Token pooling: the hidden states of a text's tokens become one vector. Padding never counts. */

import {
  add,
  constant,
  mul,
  multiply,
  type Node,
  neg,
  pad,
  reduceMax,
  reshape,
  scale,
  slice,
  sub,
} from "./graph/index.ts";

/**
 * How tokens become one vector. `cls` is the first token; `quantile` picks one real token (R1's
 * PoolToken: position round-half-even(q · (n - 1)), 0 the first, 1 the last); `firstMean` and
 * `lastMean` average that many real tokens from one end, or all of a shorter text. `attention` keeps the first so many real
 * tokens side by side, for a query that is trained with the classifier.
 */
export type TokenPooling =
  | { readonly kind: "cls" | "mean" | "max" | "min" }
  | { readonly kind: "quantile"; readonly quantile: number }
  | { readonly kind: "firstMean" | "lastMean"; readonly count: number }
  | { readonly kind: "attention"; readonly count: number };

/** Rounds halves to the even neighbour, as NumPy and torch do. */
export function roundHalfEven(x: number): number {
  const floor = Math.floor(x);
  if (x - floor !== 0.5) return Math.round(x);
  return floor % 2 === 0 ? floor : floor + 1;
}

/**
 * The weight of each of n real tokens, for poolings that are weighted sums of tokens; null for max, min
 * and attention, which are not.
 */
export function tokenWeights(pooling: TokenPooling, n: number): Float32Array | null {
  const weights = new Float32Array(n);
  switch (pooling.kind) {
    case "max":
    case "min":
    case "attention":
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

/**
 * The first `count` tokens side by side, zeros for padding and for room that a text does not fill.
 * x [batch, tokens, width], mask [batch, tokens] -> [batch, count · width]
 */
export function firstTokens(x: Node, mask: Node, count: number): Node {
  const [batch, tokens] = mask.shape;
  const width = x.shape[2]!;
  const real = mul(x, reshape(mask, [batch!, tokens!, 1]));
  const room = pad(real, 1, { before: 0, after: count }); // at least `count` tokens, however short the batch
  return reshape(slice(room, 1, { start: 0, end: count }), [batch!, multiply(count, width)]);
}

/** How several layers become one vector: element-wise, or side by side; or each a training row of its own. */
export type LayerMethod = "mean" | "max" | "min" | "concat" | "rows";

/**
 * Combines pooled layers, each [rows, width] row-major: tokens are pooled first, layers second.
 * Returns [rows, width], [rows, layers · width] for concat, or [layers · rows, width] for rows, layer after layer.
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
  if (method === "rows") {
    const tall = new Float32Array(first.length * layers.length);
    layers.forEach((layer, l) => {
      tall.set(layer, l * first.length);
    });
    return tall;
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
