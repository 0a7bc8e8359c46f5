/** @file Llama (Touvron et al. 2023) and its kin: Mistral, Qwen 2 and 3, SmolLM. Rotary, RMS norm, gated, grouped keys. */

import { z } from "zod";
import { add, expand, gather, matMul, mul, type Node, reshape, transpose } from "../graph/index.ts";
import { causalBias, paddingBias, windowBias } from "../nn/attention-bias.ts";
import { activations, attend, linear, rmsNorm } from "../nn/layers.ts";
import { inverseFrequencies, ropeParameters, rotate, rotation } from "../nn/rotary.ts";
import {
  type Architecture,
  activation,
  defineArchitecture,
  depth,
  probability,
  size,
} from "./architecture.ts";
import { lastToken } from "./gpt2.ts";

const llamaConfig = z.looseObject({
  vocab_size: size.default(32000),
  hidden_size: size.default(4096),
  intermediate_size: size.default(11008),
  num_hidden_layers: depth.default(32),
  num_attention_heads: size.default(32),
  num_key_value_heads: size.nullish(),
  head_dim: size.nullish(),
  hidden_act: activation.default("silu"),
  max_position_embeddings: size.default(2048),
  rms_norm_eps: z.number().positive().default(1e-6),
  rope_theta: z.number().positive().default(10000),
  rope_scaling: ropeParameters.nullish(),
  rope_parameters: ropeParameters.nullish(),
  attention_bias: z.boolean().default(false),
  mlp_bias: z.boolean().default(false),
  attention_dropout: probability.default(0),
  tie_word_embeddings: z.boolean().default(false),
  sliding_window: size.nullish(),
  use_sliding_window: z.boolean().optional(),
  layer_types: z.array(z.enum(["full_attention", "sliding_attention"])).nullish(),
});
type Config = z.infer<typeof llamaConfig>;

/** What sets Llama's kin apart from it. */
type Kin = {
  /** Biases on queries, keys and values whatever the config says (Qwen 2). */
  readonly projectionBias?: boolean;
  /** RMS norm of every query and key head (Qwen 3). */
  readonly headNorm?: boolean;
  /** A sliding window for every layer wherever the config has one (Mistral). */
  readonly windowed?: boolean;
};

const headSizeOf = (c: Config) => c.head_dim ?? c.hidden_size / c.num_attention_heads;

function windowOf(c: Config, layer: number, { windowed = false }: Kin): number | null {
  if (c.sliding_window == null || c.use_sliding_window === false) return null;
  const slides = c.layer_types ? c.layer_types[layer] === "sliding_attention" : windowed;
  return slides ? c.sliding_window : null;
}

/** Every key or value head once for each query head of its group. */
function repeatHeads(x: Node, times: number): Node {
  if (times === 1) return x;
  const [batch, heads, tokens, width] = x.shape;
  const apart = reshape(x, [batch!, heads!, 1, tokens!, width!]);
  const wide = expand(apart, [batch!, heads!, times, tokens!, width!]);
  return reshape(wide, [batch!, Number(heads) * times, tokens!, width!]);
}

function kin(title: string, classifierName: string, differences: Kin = {}): Architecture<Config> {
  return defineArchitecture<Config>({
    title,
    prefix: "model.",
    classifierName,
    config: llamaConfig,
    reads: () => "last",
    geometry: (c) => ({
      layers: c.num_hidden_layers,
      width: c.hidden_size,
      heads: c.num_attention_heads,
      vocabulary: c.vocab_size,
      maxTokens: c.max_position_embeddings,
      types: 0,
    }),
    dropoutRates: (c) => ({ hidden: 0, attention: c.attention_dropout, head: 0 }),
    embed: (forward, c, { ids }) =>
      gather(forward.weights("embed_tokens.weight", [c.vocab_size, c.hidden_size]), ids),
    encode: (forward, c, { embeddings, inputs }) => {
      const rope = c.rope_parameters ?? c.rope_scaling ?? {};
      const headSize = headSizeOf(c);
      const keyHeads = c.num_key_value_heads ?? c.num_attention_heads;
      const turn = rotation(
        inputs.positions,
        inverseFrequencies(headSize, rope.rope_theta ?? c.rope_theta, rope),
        c.max_position_embeddings,
      );
      const causal = add(paddingBias(inputs.mask), causalBias(inputs.positions));
      const hiddenStates = [embeddings];
      const attentions: Node[] = [];
      let x = embeddings;
      for (let i = 0; i < c.num_hidden_layers; i++) {
        const name = `layers.${i}`;
        const normal = rmsNorm(forward, `${name}.input_layernorm`, { x, epsilon: c.rms_norm_eps });
        const project = (part: "q" | "k" | "v", heads: number) => {
          const projected = linear(forward, `${name}.self_attn.${part}_proj`, {
            x: normal,
            out: heads * headSize,
            bias: differences.projectionBias ?? c.attention_bias,
          });
          const [batch, tokens] = projected.shape;
          const split = reshape(projected, [batch!, tokens!, heads, headSize]);
          const normed =
            differences.headNorm && part !== "v"
              ? rmsNorm(forward, `${name}.self_attn.${part}_norm`, {
                  x: split,
                  epsilon: c.rms_norm_eps,
                })
              : split;
          return transpose(normed, [0, 2, 1, 3]); // [batch, heads, tokens, size]
        };
        const times = c.num_attention_heads / keyHeads;
        const q = rotate(project("q", c.num_attention_heads), turn);
        const k = repeatHeads(rotate(project("k", keyHeads), turn), times);
        const v = repeatHeads(project("v", keyHeads), times);
        const window = windowOf(c, i, differences);
        const bias =
          window === null
            ? causal
            : add(causal, windowBias(inputs.positions, { before: window - 1, after: 0 }));
        const { context, attention } = attend(forward, { q, k, v }, bias);
        x = add(
          x,
          linear(forward, `${name}.self_attn.o_proj`, {
            x: context,
            out: c.hidden_size,
            bias: c.attention_bias,
          }),
        );
        const second = rmsNorm(forward, `${name}.post_attention_layernorm`, {
          x,
          epsilon: c.rms_norm_eps,
        });
        const up = (part: string) =>
          linear(forward, `${name}.mlp.${part}_proj`, {
            x: second,
            out: c.intermediate_size,
            bias: c.mlp_bias,
          });
        const gated = mul(activations[c.hidden_act](up("gate")), up("up"));
        x = add(
          x,
          linear(forward, `${name}.mlp.down_proj`, {
            x: gated,
            out: c.hidden_size,
            bias: c.mlp_bias,
          }),
        );
        hiddenStates.push(x);
        attentions.push(attention);
      }
      hiddenStates[c.num_hidden_layers] = rmsNorm(forward, "norm", { x, epsilon: c.rms_norm_eps });
      return { hiddenStates, attentions };
    },
    classify: (forward, c, { last, inputs, classes }) => {
      const score = forward.weights("score.weight", [classes, c.hidden_size]);
      return matMul(lastToken(last, inputs), score, { transposeB: true });
    },
    predictTokens: (forward, c, { last }) => {
      const table = c.tie_word_embeddings ? "embed_tokens.weight" : "lm_head.weight";
      return matMul(last, forward.weights(table, [c.vocab_size, c.hidden_size]), {
        transposeB: true,
      });
    },
  });
}

export const llama = kin("Llama", "LlamaForSequenceClassification");
export const mistral = kin("Mistral", "MistralForSequenceClassification", { windowed: true });
export const qwen2 = kin("Qwen2", "Qwen2ForSequenceClassification", { projectionBias: true });
export const qwen3 = kin("Qwen3", "Qwen3ForSequenceClassification", { headNorm: true });
