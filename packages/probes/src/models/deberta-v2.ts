/** @file DeBERTa v2 and v3 (He et al. 2021): content and relative position attend to each other apart. */

import { z } from "zod";
import {
  add,
  constant,
  expand,
  gather,
  gatherElements,
  matMul,
  mul,
  type Node,
  reshape,
  slice,
  sub,
  transpose,
  unsqueeze,
} from "../graph/index.ts";
import { paddingBias } from "../nn/attention-bias.ts";
import { activations, attend, type Forward, layerNorm, linear, splitHeads } from "../nn/layers.ts";
import { activation, defineArchitecture, depth, probability, size } from "./architecture.ts";
import { firstToken } from "./bert.ts";

const debertaConfig = z.looseObject({
  vocab_size: size.default(128100),
  hidden_size: size.default(1536),
  num_hidden_layers: depth.default(24),
  num_attention_heads: size.default(24),
  intermediate_size: size.default(6144),
  hidden_act: activation.default("gelu"),
  max_position_embeddings: size.max(2 ** 20).default(512), // a table of all distances is made
  type_vocab_size: z.number().int().min(0).default(0),
  layer_norm_eps: z.number().positive().default(1e-7),
  relative_attention: z.literal(true),
  max_relative_positions: z.number().int().default(-1),
  position_buckets: z.number().int().default(-1),
  norm_rel_ebd: z.enum(["none", "layer_norm"]).default("none"),
  share_att_key: z.literal(true),
  pos_att_type: z
    .union([z.array(z.enum(["p2c", "c2p"])), z.string().transform((text) => text.split("|"))])
    .default([]),
  position_biased_input: z.literal(false),
  embedding_size: size.nullish(),
  conv_kernel_size: z.literal(0).default(0),
  pooler_hidden_act: activation.default("gelu"),
  hidden_dropout_prob: probability.default(0.1),
  attention_probs_dropout_prob: probability.default(0.1),
  pooler_dropout: probability.default(0),
  cls_dropout: probability.nullish(),
});
type Config = z.infer<typeof debertaConfig>;

/** How far apart positions may be, and how many buckets one side has. */
const reachOf = (c: Config) =>
  c.max_relative_positions < 1 ? c.max_position_embeddings : c.max_relative_positions;
const spanOf = (c: Config) => (c.position_buckets > 0 ? c.position_buckets : reachOf(c));

/** Distances up to half the buckets keep their own; farther ones share buckets of growing width. */
export function bucketOf(distance: number, buckets: number, reach: number): number {
  if (buckets <= 0) return distance;
  const mid = Math.floor(buckets / 2);
  const far = Math.abs(distance);
  if (far <= mid) return distance;
  // float32 as transformers computes it: the ceiling must not tip over.
  const ratio = Math.fround(
    Math.fround(Math.log(Math.fround(far / mid))) /
      Math.fround(Math.log(Math.fround((reach - 1) / mid))),
  );
  return Math.sign(distance) * (Math.ceil(Math.fround(ratio * (mid - 1))) + mid);
}

/** Row of the relative embedding for each distance from -(length - 1) to length - 1. */
function bucketTable(c: Config, sign: 1 | -1): BigInt64Array {
  const length = c.max_position_embeddings;
  const span = spanOf(c);
  return BigInt64Array.from({ length: 2 * length - 1 }, (_, i) => {
    const bucket = sign * bucketOf(i - (length - 1), c.position_buckets, reachOf(c));
    return BigInt(Math.min(Math.max(bucket + span, 0), 2 * span - 1));
  });
}

/** Position of the query minus that of the key, shifted to be an index into the bucket tables. [tokens, tokens] */
function distances(c: Config, positions: Node): Node {
  const tokens = positions.shape[1]!;
  const row = reshape(slice(positions, 0, { start: 0, end: 1 }), [tokens]);
  const apart = sub(reshape(row, [tokens, 1]), reshape(row, [1, tokens]));
  return add(apart, constant(BigInt64Array.of(BigInt(c.max_position_embeddings - 1))));
}

/** Looks up, for every query and key, the score with the embedding of their distance. */
function byDistance(scores: Node, table: BigInt64Array, apart: Node): Node {
  const [batch, heads, tokens] = scores.shape;
  const rows = gather(constant(table), apart); // [tokens, tokens]
  return gatherElements(scores, expand(rows, [batch!, heads!, tokens!, tokens!]), 3);
}

export const debertaV2 = defineArchitecture<Config>({
  title: "DeBERTa-v2",
  prefix: "deberta.",
  classifierName: "DebertaV2ForSequenceClassification",
  config: debertaConfig,
  geometry: (c) => ({
    layers: c.num_hidden_layers,
    width: c.hidden_size,
    heads: c.num_attention_heads,
    vocabulary: c.vocab_size,
    maxTokens: c.max_position_embeddings,
    types: c.type_vocab_size,
  }),
  dropoutRates: (c) => ({
    hidden: c.hidden_dropout_prob,
    attention: c.attention_probs_dropout_prob,
    head: c.cls_dropout ?? c.hidden_dropout_prob,
  }),
  embed: (forward, c, { ids, types, mask }) => {
    const width = c.embedding_size ?? c.hidden_size;
    let x: Node = gather(
      forward.weights("embeddings.word_embeddings.weight", [c.vocab_size, width]),
      ids,
    );
    if (c.type_vocab_size > 0) {
      const table = forward.weights("embeddings.token_type_embeddings.weight", [
        c.type_vocab_size,
        width,
      ]);
      x = add(x, gather(table, types));
    }
    if (width !== c.hidden_size)
      x = linear(forward, "embeddings.embed_proj", { x, out: c.hidden_size, bias: false });
    const normal = layerNorm(forward, "embeddings.LayerNorm", { x, epsilon: c.layer_norm_eps });
    return forward.dropout(mul(normal, unsqueeze(mask, 2)), "hidden");
  },
  encode: (forward, c, { embeddings, inputs }) => {
    const bias = paddingBias(inputs.mask);
    const apart = distances(c, inputs.positions);
    const relative = forward.dropout(relativeEmbeddings(forward, c), "hidden");
    const hiddenStates = [embeddings];
    const attentions: Node[] = [];
    let x = embeddings;
    for (let i = 0; i < c.num_hidden_layers; i++) {
      const name = `encoder.layer.${i}`;
      const project = (part: string, from: Node) =>
        splitHeads(
          linear(forward, `${name}.attention.self.${part}_proj`, { x: from, out: c.hidden_size }),
          c.num_attention_heads,
        );
      const q = project("query", x);
      const k = project("key", x);
      // Scores share one scale: sqrt(size · (1 + number of position terms)).
      const terms = 1 + c.pos_att_type.length;
      const scoreScale = 1 / Math.sqrt((c.hidden_size / c.num_attention_heads) * terms);
      let position: Node = bias;
      if (c.pos_att_type.includes("c2p")) {
        const scores = matMul(q, project("key", relative), { transposeB: true, scale: scoreScale });
        position = add(byDistance(scores, bucketTable(c, 1), apart), position);
      }
      if (c.pos_att_type.includes("p2c")) {
        const scores = matMul(k, project("query", relative), {
          transposeB: true,
          scale: scoreScale,
        });
        position = add(
          transpose(byDistance(scores, bucketTable(c, -1), apart), [0, 1, 3, 2]),
          position,
        );
      }
      const { context, attention } = attend(
        forward,
        { q, k, v: project("value", x), scoreScale },
        position,
      );
      const mixed = linear(forward, `${name}.attention.output.dense`, {
        x: context,
        out: c.hidden_size,
      });
      x = layerNorm(forward, `${name}.attention.output.LayerNorm`, {
        x: add(forward.dropout(mixed, "hidden"), x),
        epsilon: c.layer_norm_eps,
      });
      const inner = activations[c.hidden_act](
        linear(forward, `${name}.intermediate.dense`, { x, out: c.intermediate_size }),
      );
      const outer = linear(forward, `${name}.output.dense`, { x: inner, out: c.hidden_size });
      x = layerNorm(forward, `${name}.output.LayerNorm`, {
        x: add(forward.dropout(outer, "hidden"), x),
        epsilon: c.layer_norm_eps,
      });
      hiddenStates.push(x);
      attentions.push(attention);
    }
    return { hiddenStates, attentions };
  },
  classify: (forward, c, { last, classes }) => {
    const pooled = activations[c.pooler_hidden_act](
      linear(forward, "pooler.dense", { x: firstToken(last), out: c.hidden_size }),
    );
    return linear(forward, "classifier", { x: forward.dropout(pooled, "head"), out: classes });
  },
});

/** The embedding of every bucket, normalised where the config says so. [1, 2 · span, width] */
function relativeEmbeddings(forward: Forward, c: Config): Node {
  const rows = 2 * spanOf(c);
  const table = forward.weights("encoder.rel_embeddings.weight", [rows, c.hidden_size]);
  const x = reshape(table, [1, rows, c.hidden_size]);
  if (c.norm_rel_ebd === "none") return x;
  return layerNorm(forward, "encoder.LayerNorm", { x, epsilon: c.layer_norm_eps });
}
