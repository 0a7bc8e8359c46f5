/** @file What an architecture is: how its config reads, how it embeds, what its layers do, its heads. */

import { z } from "zod";
import { type DType, input, type Node } from "../graph/index.ts";
import { type Activation, activations, type Forward } from "../nn/layers.ts";

/** A batch as the graph sees it; all are [batch, tokens]. */
export type ModelInputs = {
  readonly ids: Node;
  /** float32, 1 for real tokens, 0 for padding (always on the right). */
  readonly mask: Node;
  /** Token types of sentence pairs: 0 in the first text, 1 in the second. */
  readonly types: Node;
  readonly positions: Node;
};

/** The inputs every model graph is fed; a session asks only for those its model uses. */
export function modelInputs(): ModelInputs {
  const each = (name: string, dtype: DType) => input(name, ["batch", "tokens"], dtype);
  return {
    ids: each("ids", "int64"),
    mask: each("mask", "float32"),
    types: each("types", "int64"),
    positions: each("positions", "int64"),
  };
}

/** Hidden states as `transformers` numbers them: 0 is the embedding output, the last is layer L. */
export type Encoded = {
  /** layers + 1 nodes, [batch, tokens, width]. */
  readonly hiddenStates: readonly Node[];
  /** One per layer, [batch, heads, tokens, tokens]. */
  readonly attentions: readonly Node[];
};

/** Sizes that every architecture answers. */
export type Geometry = {
  readonly layers: number;
  readonly width: number;
  readonly heads: number;
  readonly vocabulary: number;
  /** The most tokens one text may have, specials included. */
  readonly maxTokens: number;
  /** Number of token types; 0 where the model has none. */
  readonly types: number;
};

/** Dropout probabilities of a config, for training. */
export type DropoutRates = {
  readonly hidden: number;
  readonly attention: number;
  readonly head: number;
};

/** Whose last hidden states a head reads: one token's, or the mean of all. */
export type Reads = "first" | "last" | "mean";

export interface Architecture<Config = unknown> {
  /** As shown to people: "BERT". */
  readonly title: string;
  /** The body's prefix in checkpoints that carry a head, "bert.". */
  readonly prefix: string;
  /** Reads config.json; throws a ZodError on wrong fields. */
  readonly config: z.ZodType<Config>;
  readonly geometry: (config: Config) => Geometry;
  readonly dropoutRates: (config: Config) => DropoutRates;
  /** Position of the first token, and of padding; 0 and counting on where not given. */
  readonly positions?: (config: Config) => { readonly first: number; readonly padding: number };
  /** The embedding block's output, hidden state 0. [batch, tokens, width] */
  readonly embed: (forward: Forward, config: Config, inputs: ModelInputs) => Node;
  /** Everything above the embedding output. */
  readonly encode: (
    forward: Forward,
    config: Config,
    above: { readonly embeddings: Node; readonly inputs: ModelInputs },
  ) => Encoded;
  /** Logits [batch, classes] of the sequence classification head, named as `transformers` names it. */
  readonly classify: (
    forward: Forward,
    config: Config,
    above: { readonly last: Node; readonly inputs: ModelInputs; readonly classes: number },
  ) => Node;
  /** Logits [batch, tokens, vocabulary] of the language model head, where the architecture has one. */
  readonly predictTokens?: (
    forward: Forward,
    config: Config,
    above: { readonly last: Node; readonly inputs: ModelInputs },
  ) => Node;
  /** Whose last hidden states the classification head reads; the first token's where not given. */
  readonly reads?: (config: Config) => Reads;
  /** The architecture's name of its classification model in config.json. */
  readonly classifierName: string;
}

/** Fixes the config type of an architecture while its rows are written. */
export const defineArchitecture = <Config>(architecture: Architecture<Config>) => architecture;

/** Fields that several configs share. */
export const size = z
  .number()
  .int()
  .positive()
  .max(2 ** 24);

/** A number of layers: models that share weights between them could name any. */
export const depth = size.max(1024);
export const probability = z.number().min(0).max(1);
export const activation = z.enum(Object.keys(activations) as [Activation, ...Activation[]]);
