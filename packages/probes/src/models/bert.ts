/** @file BERT (Devlin et al. 2019), as `transformers` stores it. */

import { z } from "zod";
import { add, gather, matMul, type Node, reshape, slice, tanh } from "../graph/index.ts";
import { paddingBias } from "../nn/attention-bias.ts";
import {
  activations,
  askedTokens,
  attend,
  type Forward,
  layerNorm,
  linear,
  splitHeads,
} from "../nn/layers.ts";
import {
  activation,
  defineArchitecture,
  depth,
  type Encoded,
  type ModelInputs,
  probability,
  size,
} from "./architecture.ts";

export const bertConfig = z.looseObject({
  vocab_size: size.default(30522),
  hidden_size: size.default(768),
  num_hidden_layers: depth.default(12),
  num_attention_heads: size.default(12),
  intermediate_size: size.default(3072),
  hidden_act: activation.default("gelu"),
  max_position_embeddings: size.default(512),
  type_vocab_size: size.default(2),
  layer_norm_eps: z.number().positive().default(1e-12),
  hidden_dropout_prob: probability.default(0.1),
  attention_probs_dropout_prob: probability.default(0.1),
  classifier_dropout: probability.nullish(),
  position_embedding_type: z.literal("absolute").default("absolute"),
  is_decoder: z.literal(false).default(false),
  pad_token_id: z.number().int().nullable().default(0),
});
export type BertConfig = z.infer<typeof bertConfig>;

/** Word + type + position embeddings, normalised. [batch, tokens, width] */
export function bertEmbeddings(
  forward: Forward,
  c: BertConfig & { readonly embedding_size?: number },
  inputs: ModelInputs,
): Node {
  const width = c.embedding_size ?? c.hidden_size;
  const table = (name: string, rows: number) =>
    forward.weights(`embeddings.${name}.weight`, [rows, width]);
  const words = gather(table("word_embeddings", c.vocab_size), inputs.ids);
  const types = gather(table("token_type_embeddings", c.type_vocab_size), inputs.types);
  const positions = gather(
    table("position_embeddings", c.max_position_embeddings),
    inputs.positions,
  );
  const x = layerNorm(forward, "embeddings.LayerNorm", {
    x: add(add(words, types), positions),
    epsilon: c.layer_norm_eps,
  });
  return forward.dropout(x, "hidden");
}

/** The stack of post-norm layers that BERT, RoBERTa and ELECTRA share. */
export function bertLayers(
  forward: Forward,
  c: BertConfig,
  { embeddings, inputs }: { readonly embeddings: Node; readonly inputs: ModelInputs },
): Encoded {
  const bias = paddingBias(inputs.mask);
  const hiddenStates = [embeddings];
  const attentions: Node[] = [];
  let x = embeddings;
  for (let i = 0; i < c.num_hidden_layers; i++) {
    const name = `encoder.layer.${i}`;
    const { asked, queries } = askedTokens(forward, x, i === c.num_hidden_layers - 1);
    const project = (part: string, from = x) =>
      splitHeads(
        linear(forward, `${name}.attention.self.${part}`, { x: from, out: c.hidden_size }),
        c.num_attention_heads,
      );
    const { context, attention } = attend(
      forward,
      { q: project("query", asked), k: project("key"), v: project("value"), queries },
      bias,
    );
    const mixed = linear(forward, `${name}.attention.output.dense`, {
      x: context,
      out: c.hidden_size,
    });
    x = layerNorm(forward, `${name}.attention.output.LayerNorm`, {
      x: add(forward.dropout(mixed, "hidden"), asked),
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
}

/** The hidden state of the first token. [batch, width] */
export function firstToken(x: Node): Node {
  const first = slice(x, 1, { start: 0, end: 1 });
  return reshape(first, [x.shape[0]!, x.shape[2]!]);
}

/** BERT's pooler: tanh of a linear map of the first token. [batch, width] */
export const bertPooler = (forward: Forward, x: Node, width: number): Node =>
  tanh(linear(forward, "pooler.dense", { x: firstToken(x), out: width }));

export const bert = defineArchitecture<BertConfig>({
  title: "BERT",
  prefix: "bert.",
  classifierName: "BertForSequenceClassification",
  config: bertConfig,
  geometry: bertGeometry,
  dropoutRates: bertDropout,
  embed: bertEmbeddings,
  encode: bertLayers,
  classify: (forward, c, { last, classes }) => {
    const pooled = forward.dropout(bertPooler(forward, last, c.hidden_size), "head");
    return linear(forward, "classifier", { x: pooled, out: classes });
  },
  predictTokens: (forward, c, { last }) => {
    const x = activations[c.hidden_act](
      linear(forward, "cls.predictions.transform.dense", { x: last, out: c.hidden_size }),
    );
    const normal = layerNorm(forward, "cls.predictions.transform.LayerNorm", {
      x,
      epsilon: c.layer_norm_eps,
    });
    const words = forward.weights("embeddings.word_embeddings.weight", [
      c.vocab_size,
      c.hidden_size,
    ]);
    return add(
      matMul(normal, words, { transposeB: true }),
      forward.weights("cls.predictions.bias", [c.vocab_size]),
    );
  },
});

export function bertGeometry(c: BertConfig) {
  return {
    layers: c.num_hidden_layers,
    width: c.hidden_size,
    heads: c.num_attention_heads,
    vocabulary: c.vocab_size,
    maxTokens: c.max_position_embeddings,
    types: c.type_vocab_size,
  };
}

export function bertDropout(c: BertConfig) {
  return {
    hidden: c.hidden_dropout_prob,
    attention: c.attention_probs_dropout_prob,
    head: c.classifier_dropout ?? c.hidden_dropout_prob,
  };
}
