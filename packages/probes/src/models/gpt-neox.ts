/** @file GPT-NeoX (Black et al. 2022), the architecture of Pythia: causal, rotary in part, parallel residuals. */

import { z } from "zod";
import { add, gather, matMul, type Node, reshape, slice, transpose } from "../graph/index.ts";
import { causalBias, paddingBias } from "../nn/attention-bias.ts";
import { activations, attend, layerNorm, linear } from "../nn/layers.ts";
import { inverseFrequencies, ropeParameters, rotate, rotation } from "../nn/rotary.ts";
import { activation, defineArchitecture, depth, probability, size } from "./architecture.ts";
import { lastToken } from "./gpt2.ts";

const gptNeoxConfig = z.looseObject({
  vocab_size: size.default(50432),
  hidden_size: size.default(6144),
  num_hidden_layers: depth.default(44),
  num_attention_heads: size.default(64),
  intermediate_size: size.default(24576),
  hidden_act: activation.default("gelu"),
  max_position_embeddings: size.default(2048),
  layer_norm_eps: z.number().positive().default(1e-5),
  use_parallel_residual: z.boolean().default(true),
  attention_bias: z.boolean().default(true),
  rotary_pct: z.number().positive().max(1).default(0.25),
  rotary_emb_base: z.number().positive().default(10000),
  rope_parameters: ropeParameters.nullish(),
  rope_scaling: ropeParameters.nullish(),
  attention_dropout: probability.default(0),
  hidden_dropout: probability.default(0),
  classifier_dropout: probability.default(0.1),
});
type Config = z.infer<typeof gptNeoxConfig>;

function frequencies(c: Config): Float32Array {
  const rope = c.rope_parameters ?? c.rope_scaling ?? {};
  const share = rope.partial_rotary_factor ?? c.rotary_pct;
  const rotated = Math.floor((c.hidden_size / c.num_attention_heads) * share);
  return inverseFrequencies(rotated, rope.rope_theta ?? c.rotary_emb_base, rope);
}

export const gptNeox = defineArchitecture<Config>({
  title: "GPT-NeoX",
  prefix: "gpt_neox.",
  classifierName: "GPTNeoXForSequenceClassification",
  config: gptNeoxConfig,
  reads: () => "last",
  geometry: (c) => ({
    layers: c.num_hidden_layers,
    width: c.hidden_size,
    heads: c.num_attention_heads,
    vocabulary: c.vocab_size,
    maxTokens: c.max_position_embeddings,
    types: 0,
  }),
  dropoutRates: (c) => ({
    hidden: c.hidden_dropout,
    attention: c.attention_dropout,
    head: c.classifier_dropout,
  }),
  embed: (forward, c, { ids }) =>
    forward.dropout(
      gather(forward.weights("embed_in.weight", [c.vocab_size, c.hidden_size]), ids),
      "hidden",
    ),
  encode: (forward, c, { embeddings, inputs }) => {
    const norm = (name: string, x: Node) =>
      layerNorm(forward, name, { x, epsilon: c.layer_norm_eps });
    const bias = add(paddingBias(inputs.mask), causalBias(inputs.positions));
    const turn = rotation(inputs.positions, frequencies(c), c.max_position_embeddings);
    const heads = c.num_attention_heads;
    const headSize = c.hidden_size / heads;
    const hiddenStates = [embeddings];
    const attentions: Node[] = [];
    let x = embeddings;
    for (let i = 0; i < c.num_hidden_layers; i++) {
      const name = `layers.${i}`;
      const projected = linear(forward, `${name}.attention.query_key_value`, {
        x: norm(`${name}.input_layernorm`, x),
        out: 3 * c.hidden_size,
        bias: c.attention_bias,
      });
      const [batch, tokens] = projected.shape;
      // Query, key and value of one head lie side by side.
      const byHead = transpose(
        reshape(projected, [batch!, tokens!, heads, 3 * headSize]),
        [0, 2, 1, 3],
      );
      const part = (index: number) =>
        slice(byHead, 3, { start: index * headSize, end: (index + 1) * headSize });
      const { context, attention } = attend(
        forward,
        { q: rotate(part(0), turn), k: rotate(part(1), turn), v: part(2) },
        bias,
      );
      const mixed = forward.dropout(
        linear(forward, `${name}.attention.dense`, {
          x: context,
          out: c.hidden_size,
          bias: c.attention_bias,
        }),
        "hidden",
      );
      const feedForward = (from: Node) => {
        const inner = activations[c.hidden_act](
          linear(forward, `${name}.mlp.dense_h_to_4h`, {
            x: norm(`${name}.post_attention_layernorm`, from),
            out: c.intermediate_size,
          }),
        );
        return forward.dropout(
          linear(forward, `${name}.mlp.dense_4h_to_h`, { x: inner, out: c.hidden_size }),
          "hidden",
        );
      };
      const after = add(x, mixed);
      x = add(after, feedForward(c.use_parallel_residual ? x : after));
      hiddenStates.push(x);
      attentions.push(attention);
    }
    hiddenStates[c.num_hidden_layers] = norm("final_layer_norm", x);
    return { hiddenStates, attentions };
  },
  classify: (forward, c, { last, inputs, classes }) => {
    const score = forward.weights("score.weight", [classes, c.hidden_size]);
    return matMul(lastToken(last, inputs), score, { transposeB: true });
  },
  predictTokens: (forward, c, { last }) =>
    matMul(last, forward.weights("embed_out.weight", [c.vocab_size, c.hidden_size]), {
      transposeB: true,
    }),
});
