/** @file Attention over a text's tokens with a learned query, in front of any network that is trained. */

import {
  abs,
  add,
  constant,
  greater,
  matMul,
  multiply,
  reduceMax,
  reshape,
  scale,
  softmax,
  where,
} from "../graph/index.ts";
import type { Composition } from "./classifier.ts";
import type { Network } from "./network-training.ts";
import type { Forward } from "./training-graph.ts";

/**
 * The network on Σ_t softmax_t(q · h_t / √d) h_t, with a query q [d] of each fold, trained with the network and started
 * at zero: as the mean of the tokens. Room that a text does not fill (vectors of zeros) gets no weight. Features that are
 * not made of tokens go to the network as they are.
 */
export function attending(network: Network, composition: Composition | undefined): Network {
  if (composition?.kind !== "tokens") return network;
  const { count } = composition;
  const forward: Forward = (x, context) => {
    const width = context.width / count;
    const [groups, rows] = [x.shape[0]!, x.shape[1]!];
    const query = context.parameter("query", [1, width], { bound: 0 }); // [folds, 1, width]
    const folds = query.shape[0]!;
    const tokens = reshape(x, [groups, multiply(rows, count), width]);
    const products = matMul(tokens, query, { transposeB: true }); // [folds, rows·count, 1]
    const real = greater(
      reshape(reduceMax(abs(tokens), [2]), [groups, rows, 1, count]),
      constant(0),
    );
    const logits = reshape(scale(products, 1 / Math.sqrt(width)), [folds, rows, 1, count]);
    const weights = softmax(add(logits, where(real, constant(0), constant(-1e30)))); // over tokens
    const states = reshape(x, [groups, rows, count, width]);
    const pooled = reshape(matMul(weights, states), [folds, rows, width]);
    return network.forward(pooled, { ...context, width });
  };
  return { ...network, name: `${network.name} over ${count} tokens`, forward, shared: false };
}
