/** @file Gradient sensitivity: how the explained number changes with each token's embedding. */

import { type Node, reduceSum, sqrt, square } from "../graph/index.ts";
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

export const gradient = ({ reduce }: { readonly reduce: Reduction }): Walk => ({
  kind: "walk",
  build: (input) => ({ scores: reduceVectors(input.gradient(), reduce) }),
  read: (row) => attribution(row.tokens("scores")),
});
