/** @file GPT-2 (Radford et al. 2019): causal, pre-norm; the last hidden state is after the final norm. */

import { z } from "zod";
import {
  add,
  cast,
  equal,
  gather,
  matMul,
  type Node,
  reduceSum,
  reshape,
  shift,
  split,
} from "../graph/index.ts";
import { causalBias, paddingBias } from "../nn/attention-bias.ts";
import { activations, attend, type Forward, layerNorm, splitHeads, widthOf } from "../nn/layers.ts";
import {
  activation,
  defineArchitecture,
  depth,
  type ModelInputs,
  probability,
  size,
} from "./architecture.ts";

const gpt2Config = z.looseObject({
  vocab_size: size.default(50257),
  n_positions: size.default(1024),
  n_embd: size.default(768),
  n_layer: depth.default(12),
  n_head: size.default(12),
  n_inner: size.nullish(),
  activation_function: activation.default("gelu_new"),
  layer_norm_epsilon: z.number().positive().default(1e-5),
  resid_pdrop: probability.default(0.1),
  embd_pdrop: probability.default(0.1),
  attn_pdrop: probability.default(0.1),
  scale_attn_weights: z.literal(true).default(true),
  scale_attn_by_inverse_layer_idx: z.literal(false).default(false),
});
type Gpt2Config = z.infer<typeof gpt2Config>;

/** x W + b, with W stored [in, out] as GPT-2's "Conv1D" does. */
function conv1d(
  { weights }: Forward,
  name: string,
  { x, out }: { readonly x: Node; readonly out: number },
): Node {
  const w = weights(`${name}.weight`, [widthOf(x), out]);
  return add(matMul(x, w), weights(`${name}.bias`, [out]));
}

/** The hidden state of the last real token. [batch, width] */
export function lastToken(x: Node, { mask, positions }: ModelInputs): Node {
  const [batch, tokens, width] = x.shape;
  const at = cast(shift(reduceSum(mask, [1], true), -1), "int64"); // [batch, 1]
  const chosen = reshape(cast(equal(positions, at), "float32"), [batch!, 1, tokens!]);
  return reshape(matMul(chosen, x), [batch!, width!]);
}

export const gpt2 = defineArchitecture<Gpt2Config>({
  title: "GPT-2",
  prefix: "transformer.",
  classifierName: "GPT2ForSequenceClassification",
  config: gpt2Config,
  reads: () => "last",
  geometry: (c) => ({
    layers: c.n_layer,
    width: c.n_embd,
    heads: c.n_head,
    vocabulary: c.vocab_size,
    maxTokens: c.n_positions,
    types: 0,
  }),
  dropoutRates: (c) => ({ hidden: c.resid_pdrop, attention: c.attn_pdrop, head: 0 }),
  embed: (forward, c, inputs) => {
    const words = gather(forward.weights("wte.weight", [c.vocab_size, c.n_embd]), inputs.ids);
    const positions = gather(
      forward.weights("wpe.weight", [c.n_positions, c.n_embd]),
      inputs.positions,
    );
    return forward.dropout(add(words, positions), "hidden");
  },
  encode: (forward, c, { embeddings, inputs }) => {
    const bias = add(paddingBias(inputs.mask), causalBias(inputs.positions)); // [batch, 1, tokens, tokens]
    const epsilon = c.layer_norm_epsilon;
    const hiddenStates = [embeddings];
    const attentions: Node[] = [];
    let x = embeddings;
    for (let i = 0; i < c.n_layer; i++) {
      const name = `h.${i}`;
      const normal = layerNorm(forward, `${name}.ln_1`, { x, epsilon });
      const projected = conv1d(forward, `${name}.attn.c_attn`, { x: normal, out: 3 * c.n_embd });
      const [q, k, v] = split(projected, [c.n_embd, c.n_embd, c.n_embd], 2).map((part) =>
        splitHeads(part, c.n_head),
      );
      const { context, attention } = attend(forward, { q: q!, k: k!, v: v! }, bias);
      const mixed = conv1d(forward, `${name}.attn.c_proj`, { x: context, out: c.n_embd });
      x = add(x, forward.dropout(mixed, "hidden"));
      const second = layerNorm(forward, `${name}.ln_2`, { x, epsilon });
      const inner = activations[c.activation_function](
        conv1d(forward, `${name}.mlp.c_fc`, { x: second, out: c.n_inner ?? 4 * c.n_embd }),
      );
      x = add(
        x,
        forward.dropout(
          conv1d(forward, `${name}.mlp.c_proj`, { x: inner, out: c.n_embd }),
          "hidden",
        ),
      );
      hiddenStates.push(x);
      attentions.push(attention);
    }
    hiddenStates[c.n_layer] = layerNorm(forward, "ln_f", { x, epsilon });
    return { hiddenStates, attentions };
  },
  classify: (forward, c, { last, inputs, classes }) => {
    const score = forward.weights("score.weight", [classes, c.n_embd]);
    return matMul(lastToken(last, inputs), score, { transposeB: true });
  },
});
