/** @file A model with parts of its weights made random: attributions that do not change explain nothing (Adebayo et al. 2018). */

import { depthOf } from "../finetune/depth.ts";
import { headPrefix } from "../finetune/heads.ts";
import { constant } from "../graph/index.ts";
import type { Model } from "../models/index.ts";
import type { Weights } from "../nn/layers.ts";
import { createRandom } from "../random.ts";

/** How far down from the output weights are random. Embeddings always stay. */
export const randomisedParts = ["head", "upper half", "all layers"] as const;
export type RandomisedPart = (typeof randomisedParts)[number];

const heads = /^(classifier|pre_classifier|score|pooler)\./;

/** Weights of which the given part is drawn anew: normal, σ = 0.02; scales of norms one, biases zero. */
export function randomisedWeights(
  weights: Weights,
  model: Model,
  { part, seed }: { readonly part: RandomisedPart; readonly seed: number },
): Weights {
  const draw = createRandom(seed);
  const lowest = {
    head: model.geometry.layers,
    "upper half": model.geometry.layers / 2,
    "all layers": 0,
  }[part];
  return (name, shape) => {
    const depth = heads.test(name) || name.startsWith(headPrefix) ? "head" : depthOf(name, model);
    const random = depth === "head" || (depth !== "embeddings" && depth >= lowest);
    if (!random) return weights(name, shape);
    const own = draw.fork(name);
    const size = shape.reduce((product, dim) => product * dim, 1);
    const data = new Float32Array(size);
    if (shape.length > 1) for (let i = 0; i < size; i++) data[i] = 0.02 * own.normal();
    else if (/norm.*\.weight$|ln_\w+\.weight$/i.test(name)) data.fill(1);
    return constant(data, shape);
  };
}
