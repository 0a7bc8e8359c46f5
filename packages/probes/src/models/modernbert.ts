/** @file ModernBERT (Warner et al. 2024): pre-norm, rotary, GLU, attention in windows but for every third layer. */

import { z } from "zod";
import { add, div, gather, mul, type Node, reduceSum, slice, unsqueeze } from "../graph/index.ts";
import { paddingBias, windowBias } from "../nn/attention-bias.ts";
import { activations, attend, layerNorm, linear, splitHeads, widthOf } from "../nn/layers.ts";
import { inverseFrequencies, ropeParameters, rotate, rotation } from "../nn/rotary.ts";
import { activation, defineArchitecture, depth, probability, size } from "./architecture.ts";
import { firstToken } from "./bert.ts";

const kind = z.enum(["full_attention", "sliding_attention"]);
const modernbertConfig = z.looseObject({
  vocab_size: size.default(50368),
  hidden_size: size.default(768),
  intermediate_size: size.default(1152),
  num_hidden_layers: depth.default(22),
  num_attention_heads: size.default(12),
  hidden_activation: activation.default("gelu"),
  max_position_embeddings: size.default(8192),
  norm_eps: z.number().positive().default(1e-5),
  norm_bias: z.boolean().default(false),
  attention_bias: z.boolean().default(false),
  mlp_bias: z.boolean().default(false),
  classifier_bias: z.boolean().default(false),
  classifier_activation: activation.default("gelu"),
  classifier_pooling: z.enum(["cls", "mean"]).default("cls"),
  layer_types: z.array(kind).nullish(),
  global_attn_every_n_layers: size.default(3),
  local_attention: size.default(128),
  rope_parameters: z
    .object({
      full_attention: ropeParameters.nullish(),
      sliding_attention: ropeParameters.nullish(),
    })
    .nullish(),
  global_rope_theta: z.number().positive().default(160_000),
  local_rope_theta: z.number().positive().default(10_000),
  attention_dropout: probability.default(0),
  mlp_dropout: probability.default(0),
  embedding_dropout: probability.default(0),
  classifier_dropout: probability.default(0),
});
type Config = z.infer<typeof modernbertConfig>;

const kindOf = (c: Config, layer: number) =>
  c.layer_types?.[layer] ??
  (layer % c.global_attn_every_n_layers === 0 ? "full_attention" : "sliding_attention");

function frequencies(c: Config, attention: z.infer<typeof kind>): Float32Array {
  const rope = c.rope_parameters?.[attention] ?? {};
  const theta = attention === "full_attention" ? c.global_rope_theta : c.local_rope_theta;
  return inverseFrequencies(c.hidden_size / c.num_attention_heads, rope.rope_theta ?? theta, rope);
}

export const modernbert = defineArchitecture<Config>({
  title: "ModernBERT",
  prefix: "model.",
  classifierName: "ModernBertForSequenceClassification",
  config: modernbertConfig,
  geometry: (c) => ({
    layers: c.num_hidden_layers,
    width: c.hidden_size,
    heads: c.num_attention_heads,
    vocabulary: c.vocab_size,
    maxTokens: c.max_position_embeddings,
    types: 0,
  }),
  dropoutRates: (c) => ({
    hidden: c.mlp_dropout,
    attention: c.attention_dropout,
    head: c.classifier_dropout,
  }),
  embed: (forward, c, { ids }) => {
    const words = forward.weights("embeddings.tok_embeddings.weight", [
      c.vocab_size,
      c.hidden_size,
    ]);
    return layerNorm(forward, "embeddings.norm", {
      x: gather(words, ids),
      epsilon: c.norm_eps,
      bias: c.norm_bias,
    });
  },
  encode: (forward, c, { embeddings, inputs }) => {
    const norm = (name: string, x: Node) =>
      layerNorm(forward, name, { x, epsilon: c.norm_eps, bias: c.norm_bias });
    const padding = paddingBias(inputs.mask);
    const reach = Math.floor(c.local_attention / 2);
    const near = windowBias(inputs.positions, { before: reach, after: reach });
    const attentionOf = {
      full_attention: {
        bias: padding,
        turn: rotation(
          inputs.positions,
          frequencies(c, "full_attention"),
          c.max_position_embeddings,
        ),
      },
      sliding_attention: {
        bias: add(padding, near),
        turn: rotation(
          inputs.positions,
          frequencies(c, "sliding_attention"),
          c.max_position_embeddings,
        ),
      },
    };
    const hiddenStates = [embeddings];
    const attentions: Node[] = [];
    let x = embeddings;
    for (let i = 0; i < c.num_hidden_layers; i++) {
      const name = `layers.${i}`;
      const { bias, turn } = attentionOf[kindOf(c, i)];
      const normal = i === 0 ? x : norm(`${name}.attn_norm`, x);
      const projected = linear(forward, `${name}.attn.Wqkv`, {
        x: normal,
        out: 3 * c.hidden_size,
        bias: c.attention_bias,
      });
      const part = (index: number) =>
        splitHeads(
          slice(projected, 2, { start: index * c.hidden_size, end: (index + 1) * c.hidden_size }),
          c.num_attention_heads,
        );
      const { context, attention } = attend(
        forward,
        { q: rotate(part(0), turn), k: rotate(part(1), turn), v: part(2) },
        bias,
      );
      const mixed = linear(forward, `${name}.attn.Wo`, {
        x: context,
        out: c.hidden_size,
        bias: c.attention_bias,
      });
      x = add(x, forward.dropout(mixed, "attention"));
      const wide = linear(forward, `${name}.mlp.Wi`, {
        x: norm(`${name}.mlp_norm`, x),
        out: 2 * c.intermediate_size,
        bias: c.mlp_bias,
      });
      const value = activations[c.hidden_activation](slice(wide, 2, { end: c.intermediate_size }));
      const gated = forward.dropout(
        mul(value, slice(wide, 2, { start: c.intermediate_size })),
        "hidden",
      );
      x = add(
        x,
        linear(forward, `${name}.mlp.Wo`, { x: gated, out: c.hidden_size, bias: c.mlp_bias }),
      );
      hiddenStates.push(x);
      attentions.push(attention);
    }
    hiddenStates[c.num_hidden_layers] = norm("final_norm", x);
    return { hiddenStates, attentions };
  },
  reads: (c) => (c.classifier_pooling === "cls" ? "first" : "mean"),
  classify: (forward, c, { last, inputs, classes }) => {
    const pooled =
      c.classifier_pooling === "cls" ? firstToken(last) : meanOfTokens(last, inputs.mask);
    const dense = linear(forward, "head.dense", {
      x: pooled,
      out: widthOf(last),
      bias: c.classifier_bias,
    });
    const x = layerNorm(forward, "head.norm", {
      x: activations[c.classifier_activation](dense),
      epsilon: c.norm_eps,
      bias: c.norm_bias,
    });
    return linear(forward, "classifier", { x: forward.dropout(x, "head"), out: classes });
  },
});

/** Mean of the real tokens. [batch, width] */
const meanOfTokens = (x: Node, mask: Node): Node =>
  div(reduceSum(mul(x, unsqueeze(mask, 2)), [1]), reduceSum(mask, [1], true));
