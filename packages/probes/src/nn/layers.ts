/** @file Pieces that every architecture is built of: linear maps, layer norms, activations, attention. */

import {
  add,
  constant,
  gelu,
  layerNormalization,
  matMul,
  mul,
  type Node,
  relu,
  reshape,
  type Shape,
  scale,
  sigmoid,
  softmax,
  sub,
  tanh,
  transpose,
} from "../graph/index.ts";

/** Looks a weight up by its name in the checkpoint and checks its shape. */
export type Weights = (name: string, shape: readonly number[]) => Node;

/** Where dropout is applied; each site has its own probability in a checkpoint's config. */
export type DropoutSite = "hidden" | "attention" | "head";

/** What a forward pass is built with: weights, and dropout (the identity unless one trains). */
export type Forward = {
  readonly weights: Weights;
  readonly dropout: (x: Node, site: DropoutSite) => Node;
};

/** A forward pass without dropout. */
export const inference = (weights: Weights): Forward => ({ weights, dropout: (x) => x });

/** The known last dimension of x. */
export function widthOf(x: { readonly shape: Shape }): number {
  const width = x.shape[x.shape.length - 1];
  if (typeof width !== "number") throw new Error(`internal: expected a known width, got ${width}`);
  return width;
}

/** x Wᵀ + b, with W stored [out, in] as `torch.nn.Linear` does. */
export function linear(
  { weights }: Forward,
  name: string,
  { x, out }: { x: Node; out: number },
): Node {
  const w = weights(`${name}.weight`, [out, widthOf(x)]);
  return add(matMul(x, w, { transposeB: true }), weights(`${name}.bias`, [out]));
}

/** Layer norm over the last axis, with the checkpoint's scale and bias. */
export function layerNorm(
  { weights }: Forward,
  name: string,
  { x, epsilon }: { readonly x: Node; readonly epsilon: number },
): Node {
  const width = widthOf(x);
  return layerNormalization(x, {
    scale: weights(`${name}.weight`, [width]),
    bias: weights(`${name}.bias`, [width]),
    epsilon,
  });
}

/** Activations under the names that checkpoints use. */
export const activations = {
  gelu: (x: Node) => gelu(x),
  gelu_new: (x: Node) => gelu(x, "tanh"),
  gelu_fast: (x: Node) => gelu(x, "tanh"),
  gelu_pytorch_tanh: (x: Node) => gelu(x, "tanh"),
  relu: (x: Node) => relu(x),
  silu: (x: Node) => mul(x, sigmoid(x)),
  swish: (x: Node) => mul(x, sigmoid(x)),
  tanh: (x: Node) => tanh(x),
} as const satisfies Record<string, (x: Node) => Node>;
export type Activation = keyof typeof activations;

/** 0 where a key may be seen, a large negative number where it is padding. [batch, 1, 1, tokens] */
export function paddingBias(mask: Node): Node {
  const [batch, tokens] = mask.shape;
  return reshape(scale(sub(mask, constant(1)), 1e9), [batch!, 1, 1, tokens!]);
}

/** [batch, tokens, heads * size] to [batch, heads, tokens, size]. */
export function splitHeads(x: Node, heads: number): Node {
  const [batch, tokens] = x.shape;
  const size = widthOf(x) / heads;
  return transpose(reshape(x, [batch!, tokens!, heads, size]), [0, 2, 1, 3]);
}

/** [batch, heads, tokens, size] to [batch, tokens, heads * size]. */
export function joinHeads(x: Node): Node {
  const [batch, heads, tokens] = x.shape;
  const together = Number(heads) * widthOf(x);
  return reshape(transpose(x, [0, 2, 1, 3]), [batch!, tokens!, together]);
}

/** Scaled dot-product attention of queries, keys and values already split into heads. */
export function attend(
  forward: Forward,
  { q, k, v }: { readonly q: Node; readonly k: Node; readonly v: Node },
  bias: Node,
): { readonly context: Node; readonly attention: Node } {
  const scores = matMul(q, k, { transposeB: true, scale: 1 / Math.sqrt(widthOf(q)) });
  const attention = softmax(add(scores, bias)); // [batch, heads, tokens, tokens]
  const context = matMul(forward.dropout(attention, "attention"), v);
  return { context: joinHeads(context), attention };
}
