/** @file Pieces that every architecture is built of: linear maps, layer norms, activations, attention. */

import {
  add,
  constant,
  div,
  gelu,
  layerNormalization,
  matMul,
  mul,
  type Node,
  reduceMean,
  relu,
  reshape,
  type Shape,
  shift,
  sigmoid,
  softmax,
  sqrt,
  square,
  tanh,
  transpose,
} from "../graph/index.ts";

import type { Layout, Packing } from "./packing.ts";

/** Looks a weight up by its name in the checkpoint and checks its shape. */
export type Weights = (name: string, shape: readonly number[]) => Node;

/** Where dropout is applied; each site has its own probability in a checkpoint's config. */
export type DropoutSite = "hidden" | "attention" | "head";

export type Dropout = {
  readonly dropout: (x: Node, site: DropoutSite) => Node;
  /** Dropout in two halves, for products that can take the factor along: `factor` times `kept`. */
  readonly drop: (x: Node, site: DropoutSite) => { readonly kept: Node; readonly factor: number };
};

/** What a forward pass is built with: weights, and dropout (the identity unless one trains). */
export type Forward = Dropout & {
  readonly weights: Weights;
  /** Where texts lie behind one another without padding: how attention sees them side by side. */
  readonly packing?: Packing;
};

/** Nothing is dropped. */
export const noDropout: Dropout = { dropout: (x) => x, drop: (x) => ({ kept: x, factor: 1 }) };

/** A forward pass without dropout. */
export const inference = (weights: Weights): Forward => ({ weights, ...noDropout });

/** The known last dimension of x. */
export function widthOf(x: { readonly shape: Shape }): number {
  const width = x.shape[x.shape.length - 1];
  if (typeof width !== "number") throw new Error(`internal: expected a known width, got ${width}`);
  return width;
}

/** x Wᵀ + b, with W stored [out, in] as `torch.nn.Linear` does; without b where `bias` is false. */
export function linear(
  { weights }: Forward,
  name: string,
  { x, out, bias = true }: { readonly x: Node; readonly out: number; readonly bias?: boolean },
): Node {
  const w = weights(`${name}.weight`, [out, widthOf(x)]);
  const product = matMul(x, w, { transposeB: true });
  return bias ? add(product, weights(`${name}.bias`, [out])) : product;
}

type Norm = { readonly x: Node; readonly epsilon: number; readonly bias?: boolean };

/** Layer norm over the last axis, with the checkpoint's scale and bias. */
export function layerNorm(
  { weights }: Forward,
  name: string,
  { x, epsilon, bias = true }: Norm,
): Node {
  const width = widthOf(x);
  return layerNormalization(x, {
    scale: weights(`${name}.weight`, [width]),
    bias: bias ? weights(`${name}.bias`, [width]) : constant(new Float32Array(width)),
    epsilon,
  });
}

/** x / sqrt(mean(x²) + ε) · scale over the last axis (Zhang and Sennrich 2019). */
export function rmsNorm(
  { weights }: Forward,
  name: string,
  { x, epsilon }: { readonly x: Node; readonly epsilon: number },
): Node {
  const power = reduceMean(square(x), [x.shape.length - 1], true);
  const normal = div(x, sqrt(shift(power, epsilon)));
  return mul(normal, weights(`${name}.weight`, [widthOf(x)]));
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

/**
 * Scaled dot-product attention of queries, keys and values already split into heads. Scores are
 * divided by the root of the head's size unless `scoreScale` says otherwise. A packed batch brings biases of its own, and
 * the attention that comes back is that of its long texts.
 */
export function attend(
  forward: Forward,
  {
    q,
    k,
    v,
    queries = forward.packing,
    scoreScale = 1 / Math.sqrt(widthOf(q)),
  }: {
    readonly q: Node;
    readonly k: Node;
    readonly v: Node;
    /** How the queries of a packed batch lie, where not as keys and values do. */
    readonly queries?: Layout | undefined;
    readonly scoreScale?: number;
  },
  bias: Node,
): { readonly context: Node; readonly attention: Node } {
  const { packing } = forward;
  if (packing && queries) {
    const [qs, ks, vs] = [queries.apart(q), packing.apart(k), packing.apart(v)];
    const [short, long] = packing.biases.map((own, i) =>
      attendApart(forward, { q: qs[i]!, k: ks[i]!, v: vs[i]!, scoreScale }, own),
    );
    const context = joinHeads(queries.together([short!.context, long!.context]));
    return { context, attention: long!.attention };
  }
  const { context, attention } = attendApart(forward, { q, k, v, scoreScale }, bias);
  return { context: joinHeads(context), attention };
}

/**
 * The tokens whose states a layer computes, and how they lie: all of them, except in the top layer of a packed batch
 * whose head reads first tokens only.
 */
export function askedTokens(
  { packing }: Forward,
  x: Node,
  isTop: boolean,
): { readonly asked: Node; readonly queries: Layout | undefined } {
  const top = isTop ? packing?.top : null;
  return top ? { asked: top.pick(x), queries: top } : { asked: x, queries: packing };
}

function attendApart(
  forward: Forward,
  {
    q,
    k,
    v,
    scoreScale,
  }: {
    readonly q: Node;
    readonly k: Node;
    readonly v: Node;
    readonly scoreScale: number;
  },
  bias: Node,
): { readonly context: Node; readonly attention: Node } {
  const scores = matMul(q, k, { transposeB: true, scale: scoreScale });
  const attention = softmax(add(scores, bias)); // [batch, heads, tokens, tokens]
  const { kept, factor } = forward.drop(attention, "attention");
  return { context: matMul(kept, v, { scale: factor }), attention };
}
