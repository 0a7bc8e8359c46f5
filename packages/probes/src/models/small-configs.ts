/** @file A config of the smallest size for every architecture: for comparing backends, not for learning. */

const sizes = {
  hidden_size: 16,
  intermediate_size: 24,
  num_attention_heads: 2,
  num_hidden_layers: 2,
  max_position_embeddings: 24,
  vocab_size: 32,
} as const;

const bertLike = { ...sizes, hidden_act: "gelu", layer_norm_eps: 1e-12, type_vocab_size: 2 };
const robertaLike = { ...bertLike, layer_norm_eps: 1e-5, type_vocab_size: 1, pad_token_id: 1 };
const llamaLike = {
  ...sizes,
  hidden_act: "silu",
  num_attention_heads: 4,
  num_key_value_heads: 2,
  rms_norm_eps: 1e-6,
  rope_theta: 10_000,
};

/** config.json by `model_type`; `modelTypes` has the same names (small-configs.test.ts). */
export const smallConfigs: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  albert: {
    ...bertLike,
    hidden_act: "gelu_new",
    embedding_size: 12,
    num_hidden_groups: 1,
    inner_group_num: 1,
  },
  bert: bertLike,
  "deberta-v2": {
    ...bertLike,
    layer_norm_eps: 1e-7,
    type_vocab_size: 0,
    relative_attention: true,
    position_biased_input: false,
    position_buckets: 4,
    max_relative_positions: -1,
    pos_att_type: ["p2c", "c2p"],
    share_att_key: true,
    norm_rel_ebd: "layer_norm",
  },
  distilbert: {
    ...{ dim: 16, hidden_dim: 24, n_heads: 2, n_layers: 2, activation: "gelu" },
    ...{ max_position_embeddings: 24, vocab_size: 32, sinusoidal_pos_embds: false },
  },
  electra: { ...bertLike, embedding_size: 12 },
  gpt2: {
    ...{ n_embd: 16, n_head: 2, n_inner: 24, n_layer: 2, n_positions: 24, vocab_size: 32 },
    ...{ activation_function: "gelu_new", layer_norm_epsilon: 1e-5 },
  },
  gpt_neox: {
    ...{ ...sizes, hidden_act: "gelu", layer_norm_eps: 1e-5, use_parallel_residual: true },
    ...{ rotary_pct: 0.5, rotary_emb_base: 10_000 },
  },
  llama: llamaLike,
  mistral: { ...llamaLike, sliding_window: null },
  modernbert: {
    ...{ ...sizes, num_hidden_layers: 3, hidden_activation: "gelu", norm_eps: 1e-5 },
    ...{ global_attn_every_n_layers: 3, local_attention: 6 },
    ...{ global_rope_theta: 160_000, local_rope_theta: 10_000, pad_token_id: 0 },
  },
  qwen2: llamaLike,
  qwen3: { ...llamaLike, head_dim: 8 },
  roberta: robertaLike,
  "xlm-roberta": robertaLike,
};

/** The small config of a type, as `readModel` takes it. */
export const smallConfig = (type: string): Readonly<Record<string, unknown>> => ({
  ...smallConfigs[type],
  model_type: type,
});
