/** @file DistilBERT (Sanh et al. 2019): BERT without token types and pooler. */

import { z } from "zod";
import { add, gather, type Node, relu } from "../graph/index.ts";
import { paddingBias } from "../nn/attention-bias.ts";
import { activations, askedTokens, attend, layerNorm, linear, splitHeads } from "../nn/layers.ts";
import { activation, defineArchitecture, depth, probability, size } from "./architecture.ts";
import { firstToken } from "./bert.ts";

const distilbertConfig = z.looseObject({
  vocab_size: size.default(30522),
  dim: size.default(768),
  n_layers: depth.default(6),
  n_heads: size.default(12),
  hidden_dim: size.default(3072),
  activation: activation.default("gelu"),
  max_position_embeddings: size.default(512),
  dropout: probability.default(0.1),
  attention_dropout: probability.default(0.1),
  seq_classif_dropout: probability.default(0.2),
});

/** Not in the config: the original code's constant. */
const epsilon = 1e-12;

export const distilbert = defineArchitecture<z.infer<typeof distilbertConfig>>({
  title: "DistilBERT",
  prefix: "distilbert.",
  classifierName: "DistilBertForSequenceClassification",
  config: distilbertConfig,
  geometry: (c) => ({
    layers: c.n_layers,
    width: c.dim,
    heads: c.n_heads,
    vocabulary: c.vocab_size,
    maxTokens: c.max_position_embeddings,
    types: 0,
  }),
  dropoutRates: (c) => ({
    hidden: c.dropout,
    attention: c.attention_dropout,
    head: c.seq_classif_dropout,
  }),
  embed: (forward, c, inputs) => {
    const table = (name: string, rows: number) =>
      forward.weights(`embeddings.${name}.weight`, [rows, c.dim]);
    const words = gather(table("word_embeddings", c.vocab_size), inputs.ids);
    const positions = gather(
      table("position_embeddings", c.max_position_embeddings),
      inputs.positions,
    );
    const x = layerNorm(forward, "embeddings.LayerNorm", { x: add(words, positions), epsilon });
    return forward.dropout(x, "hidden");
  },
  encode: (forward, c, { embeddings, inputs }) => {
    const bias = paddingBias(inputs.mask);
    const hiddenStates = [embeddings];
    const attentions: Node[] = [];
    let x = embeddings;
    for (let i = 0; i < c.n_layers; i++) {
      const name = `transformer.layer.${i}`;
      const { asked, queries } = askedTokens(forward, x, i === c.n_layers - 1);
      const project = (part: string, from = x) =>
        splitHeads(
          linear(forward, `${name}.attention.${part}`, { x: from, out: c.dim }),
          c.n_heads,
        );
      const { context, attention } = attend(
        forward,
        { q: project("q_lin", asked), k: project("k_lin"), v: project("v_lin"), queries },
        bias,
      );
      const mixed = linear(forward, `${name}.attention.out_lin`, { x: context, out: c.dim });
      x = layerNorm(forward, `${name}.sa_layer_norm`, { x: add(mixed, asked), epsilon });
      const inner = activations[c.activation](
        linear(forward, `${name}.ffn.lin1`, { x, out: c.hidden_dim }),
      );
      const outer = linear(forward, `${name}.ffn.lin2`, { x: inner, out: c.dim });
      x = layerNorm(forward, `${name}.output_layer_norm`, {
        x: add(forward.dropout(outer, "hidden"), x),
        epsilon,
      });
      hiddenStates.push(x);
      attentions.push(attention);
    }
    return { hiddenStates, attentions };
  },
  classify: (forward, c, { last, classes }) => {
    const x = relu(linear(forward, "pre_classifier", { x: firstToken(last), out: c.dim }));
    return linear(forward, "classifier", { x: forward.dropout(x, "head"), out: classes });
  },
});
