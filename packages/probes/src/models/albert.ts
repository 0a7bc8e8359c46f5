/** @file ALBERT (Lan et al. 2020): narrow embeddings, and layers that share their weights. */

import type { z } from "zod";
import { add, matMul, type Node, tanh } from "../graph/index.ts";
import { paddingBias } from "../nn/attention-bias.ts";
import { activations, askedTokens, attend, layerNorm, linear, splitHeads } from "../nn/layers.ts";
import { activation, defineArchitecture, probability, size } from "./architecture.ts";
import { bertConfig, bertDropout, bertEmbeddings, bertGeometry, firstToken } from "./bert.ts";

const albertConfig = bertConfig.extend({
  vocab_size: size.default(30000),
  embedding_size: size.default(128),
  hidden_size: size.default(4096),
  num_hidden_groups: size.default(1),
  inner_group_num: size.default(1),
  num_attention_heads: size.default(64),
  intermediate_size: size.default(16384),
  hidden_act: activation.default("gelu_new"),
  hidden_dropout_prob: probability.default(0),
  attention_probs_dropout_prob: probability.default(0),
  classifier_dropout_prob: probability.default(0.1),
});

export const albert = defineArchitecture<z.infer<typeof albertConfig>>({
  title: "ALBERT",
  prefix: "albert.",
  classifierName: "AlbertForSequenceClassification",
  config: albertConfig,
  geometry: bertGeometry,
  dropoutRates: (c) => ({ ...bertDropout(c), head: c.classifier_dropout_prob }),
  embed: (forward, c, inputs) =>
    linear(forward, "encoder.embedding_hidden_mapping_in", {
      x: bertEmbeddings(forward, c, inputs),
      out: c.hidden_size,
    }),
  encode: (forward, c, { embeddings, inputs }) => {
    const bias = paddingBias(inputs.mask);
    const epsilon = c.layer_norm_eps;
    const hiddenStates = [embeddings];
    const attentions: Node[] = [];
    let x = embeddings;
    for (let i = 0; i < c.num_hidden_layers; i++) {
      const group = Math.floor(i / (c.num_hidden_layers / c.num_hidden_groups));
      for (let inner = 0; inner < c.inner_group_num; inner++) {
        const name = `encoder.albert_layer_groups.${group}.albert_layers.${inner}`;
        const isTop = i === c.num_hidden_layers - 1 && inner === c.inner_group_num - 1;
        const { asked, queries } = askedTokens(forward, x, isTop);
        const project = (part: string, from = x) =>
          splitHeads(
            linear(forward, `${name}.attention.${part}`, { x: from, out: c.hidden_size }),
            c.num_attention_heads,
          );
        const { context, attention } = attend(
          forward,
          { q: project("query", asked), k: project("key"), v: project("value"), queries },
          bias,
        );
        const mixed = linear(forward, `${name}.attention.dense`, {
          x: context,
          out: c.hidden_size,
        });
        x = layerNorm(forward, `${name}.attention.LayerNorm`, {
          x: add(forward.dropout(mixed, "hidden"), asked),
          epsilon,
        });
        const wide = activations[c.hidden_act](
          linear(forward, `${name}.ffn`, { x, out: c.intermediate_size }),
        );
        const narrow = linear(forward, `${name}.ffn_output`, { x: wide, out: c.hidden_size });
        x = layerNorm(forward, `${name}.full_layer_layer_norm`, { x: add(narrow, x), epsilon });
        attentions.push(attention);
      }
      hiddenStates.push(x);
    }
    return { hiddenStates, attentions };
  },
  classify: (forward, c, { last, classes }) => {
    const pooled = tanh(linear(forward, "pooler", { x: firstToken(last), out: c.hidden_size }));
    return linear(forward, "classifier", { x: forward.dropout(pooled, "head"), out: classes });
  },
  predictTokens: (forward, c, { last }) => {
    const x = activations[c.hidden_act](
      linear(forward, "predictions.dense", { x: last, out: c.embedding_size }),
    );
    const normal = layerNorm(forward, "predictions.LayerNorm", { x, epsilon: c.layer_norm_eps });
    const words = forward.weights("embeddings.word_embeddings.weight", [
      c.vocab_size,
      c.embedding_size,
    ]);
    return add(
      matMul(normal, words, { transposeB: true }),
      forward.weights("predictions.bias", [c.vocab_size]),
    );
  },
});
