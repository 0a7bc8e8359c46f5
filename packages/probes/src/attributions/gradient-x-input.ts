/** @file Gradient times input: each token's first-order contribution. */

import { mul } from "../graph/index.ts";
import { attribution } from "./attribution.ts";
import { type Reduction, reduceVectors } from "./gradient.ts";
import type { Walk } from "./walk.ts";

export const gradientXInput = ({ reduce }: { readonly reduce: Reduction }): Walk => ({
  kind: "walk",
  build: ({ explained, gradient }) => ({
    scores: reduceVectors(mul(gradient(), explained.source), reduce),
  }),
  read: (row) => attribution(row.tokens("scores")),
});
