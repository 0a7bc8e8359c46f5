/** @file Where attention leads: layerwise attention tracing (Wu and Ong 2021) and rollout (Abnar and Zuidema 2020). */

import {
  add,
  div,
  fill,
  matMul,
  type Node,
  reduceMean,
  reduceSum,
  reshape,
  unsqueeze,
} from "../graph/index.ts";
import { attribution, sumOf } from "./attribution.ts";
import type { Walk } from "./walk.ts";

/**
 * From the token that the model reads, down through the maps of each head apart: a row vector times
 * the map of the same head in the layer below, summed over heads. Each row sums to one, so scores
 * sum to the number of heads. Returns one row per layer, the first being the trace after all layers.
 * start [batch, 1, 1, tokens] is one-hot. [batch, tokens] each
 */
export function traceAttention(attentions: readonly Node[], start: Node): readonly Node[] {
  const traced: Node[] = [];
  let rows: Node = start;
  for (const attention of [...attentions].reverse()) {
    rows = matMul(rows, attention); // [batch, heads, 1, tokens]
    traced.unshift(squeeze(reduceSum(rows, [1])));
  }
  return traced;
}

/**
 * Attention rollout: heads averaged, half identity for the residual, multiplied from the top down.
 * start [batch, 1, tokens]; scores sum to one. [batch, tokens]
 */
export function rollOut(attentions: readonly Node[], start: Node): Node {
  let row: Node = start;
  for (const attention of [...attentions].reverse()) {
    const mean = reduceMean(attention, [1]); // [batch, tokens, tokens]
    const both = add(matMul(row, mean), row);
    row = div(both, unsqueeze(reduceSum(both, [2]), 2));
  }
  return squeeze(row);
}

/** [batch, 1, tokens] to [batch, tokens]. */
const squeeze = (row: Node): Node => reshape(row, [row.shape[0]!, row.shape[2]!]);

/** Tracing as a method: the scores of every layer, the lowest being the answer. */
export const attentionTracing = (): Walk => ({
  kind: "walk",
  build: ({ explained }) => {
    const start = unsqueeze(explained.position, 1); // [batch, 1, 1, tokens]
    const traced = traceAttention(explained.attentions, start);
    const heads = Number(explained.attentions[0]!.shape[1]);
    const named = traced.map((scores, i) => [`layer.${i}`, scores] as const);
    return { ...Object.fromEntries(named), heads: fill(heads, ["batch"]) };
  },
  read: (row) => {
    const layers = [];
    for (let i = 0; row.has(`layer.${i}`); i++) {
      layers.push({ layer: i, scores: row.tokens(`layer.${i}`) });
    }
    const scores = layers[0]!.scores;
    return attribution(scores, { residual: row.number("heads") - sumOf(scores), layers });
  },
});

export const attentionRollout = (): Walk => ({
  kind: "walk",
  build: ({ explained }) => ({ scores: rollOut(explained.attentions, explained.position) }),
  read: (row) => {
    const scores = row.tokens("scores");
    return attribution(scores, { residual: 1 - sumOf(scores) });
  },
});
