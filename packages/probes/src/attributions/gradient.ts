/** @file Gradient sensitivity: how the explained number changes with each token's embedding. */

import { abs, type Node, reduceSum, sqrt, square } from "../graph/index.ts";
import { attribution } from "./attribution.ts";
import type { Walk } from "./walk.ts";

/** How a vector per token becomes a number: its signed sum, its squared length (Wu and Ong) or its length. */
export const reductions = ["sum", "squared-norm", "norm"] as const;
export type Reduction = (typeof reductions)[number];

/** [batch, tokens, width] to [batch, tokens]. */
export function reduceVectors(x: Node, reduction: Reduction): Node {
  if (reduction === "sum") return reduceSum(x, [2]);
  const squared = reduceSum(square(x), [2]);
  return reduction === "norm" ? sqrt(squared) : squared;
}

/**
 * The gradient of each token, reduced. Where a model begins by subtracting each token's mean (pre-norm models
 * such as GPT-2), gradients sum to zero over units whatever they say: a signed sum is then marked.
 */
export const gradient = ({ reduce }: { readonly reduce: Reduction }): Walk => ({
  kind: "walk",
  build: (input) => {
    const found = input.gradient();
    const scores = reduceVectors(found, reduce);
    return reduce === "sum" ? { scores, sizes: reduceSum(abs(found), [2]) } : { scores };
  },
  read: (row) => {
    const scores = row.tokens("scores");
    const marks = row.has("sizes") && cancels(scores, row.tokens("sizes")) ? [cancelled] : [];
    return attribution(scores, { marks });
  },
});

const cancelled =
  "gradients sum to zero over the units of every token, as the model subtracts their mean; signed sums are rounding, take the reduction norm";

/** Whether sums are no more than rounding of what they are sums of; by chance they are one in the root of the width. */
const cancels = (sums: Float32Array, sizes: Float32Array): boolean =>
  sums.every((sum, i) => Math.abs(sum) <= 1e-5 * sizes[i]!) && sizes.some((size) => size > 0);
