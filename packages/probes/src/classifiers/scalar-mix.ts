/** @file Scalar mix: a learned weighted mean of all layers (Peters et al. 2018) in front of a network, as in edge probing. */

import { z } from "zod";
import {
  add,
  matMul,
  mul,
  multiply,
  type Node,
  reshape,
  shift,
  slice,
  softmax,
  transpose,
} from "../graph/index.ts";
import type { Classifier } from "./classifier.ts";
import { trainingOptions, trainNetworks } from "./network-training.ts";
import { activationNames, feedForward } from "./networks.ts";
import type { Forward, NetworkContext } from "./training-graph.ts";

const options = z.strictObject({
  /** Units of each hidden layer behind the mix; none: a linear probe. */
  hidden: z.array(z.int().positive()).default([]),
  activation: z.enum(activationNames).default("relu"),
  ...trainingOptions,
});

/**
 * x = γ Σ_l s_l h_l with s = softmax(w), w started at 0 and γ at 1. Measures of each fold: `layerWeight<l>` = s_l,
 * `mixScale` = γ, and `centreOfGravity` = Σ_l l s_l (Tenney et al. 2019), l being indices into hidden_states.
 */
export const scalarMix: Classifier<z.infer<typeof options>> = {
  tasks: ["classification", "regression"],
  options,
  version: 1,
  needs: "layers",
  fit(input, settings) {
    const { composition } = input;
    if (composition?.kind !== "layers") throw new Error("internal: scalar-mix without layers");
    const { layers } = composition;
    const linear = settings.hidden.length === 0;
    return trainNetworks(
      input,
      {
        name: `scalar-mix of ${layers.length} layers ${settings.activation}`,
        forward: linear
          ? mixedProducts(layers.length)
          : mixedLayers(layers.length, feedForward(settings.hidden, settings.activation)),
        shared: linear && !settings.standardise,
        measure: (parameter) => measures(parameter, layers),
      },
      settings,
    );
  },
};

/** s [folds, 1, layers] and γ [folds, 1, 1]. */
function mixOf(layers: number, { parameter }: NetworkContext) {
  const weights = softmax(parameter("layers", [layers], { bound: 0 }));
  return { weights, gamma: shift(parameter("scale", [1], { bound: 0 }), 1) };
}

/** A linear probe of the mix: the layers' products with the weights are mixed, which is the same and needs no mixed features. */
export const mixedProducts =
  (layers: number): Forward =>
  (x, context) => {
    const { width, outputs, parameter } = context;
    const dim = width / layers;
    const bound = 1 / Math.sqrt(dim);
    const weight = parameter("weight", [outputs, dim], { bound }); // [folds, outputs, dim]
    const bias = parameter("bias", [outputs], { bound });
    const { weights, gamma } = mixOf(layers, context);
    const [groups, folds, rows] = [x.shape[0]!, weight.shape[0]!, x.shape[1]!];
    const states = reshape(x, [groups, multiply(rows, layers), dim]);
    const products =
      groups === 1 && folds !== 1
        ? transpose(
            reshape(
              matMul(
                reshape(x, [multiply(rows, layers), dim]),
                reshape(weight, [multiply(folds, outputs), dim]),
                { transposeB: true },
              ),
              [rows, layers, folds, outputs],
            ),
            [2, 0, 1, 3],
          )
        : reshape(matMul(states, weight, { transposeB: true }), [folds, rows, layers, outputs]);
    const share = reshape(weights, [folds, 1, 1, layers]);
    const mixed = reshape(matMul(share, products), [folds, rows, outputs]);
    return add(mul(mixed, gamma), bias);
  };

/** The mix itself, then a network. */
export const mixedLayers =
  (layers: number, network: Forward): Forward =>
  (x, context) => {
    const dim = context.width / layers;
    const { weights, gamma } = mixOf(layers, context);
    const shares = Array.from({ length: layers }, (_, l): Node => {
      const layer = slice(x, -1, { start: l * dim, end: (l + 1) * dim });
      return mul(layer, slice(weights, -1, { start: l, end: l + 1 })); // [folds, rows, dim]
    });
    const mixed = shares.reduce((sum, share) => add(sum, share));
    return network(mul(mixed, gamma), { ...context, width: dim });
  };

function measures(
  parameter: (name: string) => Float32Array,
  layers: readonly number[],
): Readonly<Record<string, number>> {
  const logits = parameter("layers");
  const largest = logits.reduce((most, one) => Math.max(most, one), Number.NEGATIVE_INFINITY);
  const shares = Array.from(logits, (value) => Math.exp(value - largest));
  const total = shares.reduce((sum, value) => sum + value, 0);
  const weights = shares.map((share) => share / total);
  return {
    centreOfGravity: weights.reduce((sum, weight, i) => sum + weight * layers[i]!, 0),
    mixScale: 1 + parameter("scale")[0]!,
    ...Object.fromEntries(weights.map((weight, i) => [`layerWeight${layers[i]}`, weight])),
  };
}
