/** @file The table of architectures by the `model_type` of a checkpoint's config. */

import { z } from "zod";
import type { Node } from "../graph/index.ts";
import type { Forward } from "../nn/layers.ts";
import { albert } from "./albert.ts";
import type {
  Architecture,
  DropoutRates,
  Encoded,
  Geometry,
  ModelInputs,
  Reads,
} from "./architecture.ts";
import { bert } from "./bert.ts";
import { debertaV2 } from "./deberta-v2.ts";
import { distilbert } from "./distilbert.ts";
import { electra } from "./electra.ts";
import { gptNeox } from "./gpt-neox.ts";
import { gpt2 } from "./gpt2.ts";
import { llama, mistral, qwen2, qwen3 } from "./llama.ts";
import { modernbert } from "./modernbert.ts";
import { roberta } from "./roberta.ts";

/** An architecture with its config filled in: what graphs are built from. */
export type Model = {
  /** `model_type` of the config. */
  readonly type: string;
  readonly title: string;
  readonly prefix: string;
  readonly classifierName: string;
  readonly geometry: Geometry;
  readonly dropoutRates: DropoutRates;
  /** Position of a text's first token, and the position that padding has (null: goes on counting). */
  readonly positions: { readonly first: number; readonly padding: number | null };
  /** Whose last hidden states the classification head reads. */
  readonly reads: Reads;
  /** Hidden state 0. [batch, tokens, width] */
  readonly embed: (forward: Forward, inputs: ModelInputs) => Node;
  /** All hidden states and attentions above an embedding output. */
  readonly encode: (forward: Forward, embeddings: Node, inputs: ModelInputs) => Encoded;
  /** Logits of the sequence classification head on the last hidden state. [batch, classes] */
  readonly classify: (
    forward: Forward,
    above: { readonly last: Node; readonly inputs: ModelInputs; readonly classes: number },
  ) => Node;
  /** Logits of the language model head [batch, tokens, vocabulary]; null where we have none. */
  readonly predictTokens:
    | ((forward: Forward, above: { readonly last: Node; readonly inputs: ModelInputs }) => Node)
    | null;
};

function bind<Config>(type: string, architecture: Architecture<Config>, json: unknown): Model {
  const parsed = architecture.config.safeParse(json);
  if (!parsed.success) {
    throw new Error(
      `config of ${architecture.title}: ${z.prettifyError(parsed.error).replaceAll("\n", " ")}`,
    );
  }
  const config = parsed.data;
  const { predictTokens } = architecture;
  return {
    type,
    title: architecture.title,
    prefix: architecture.prefix,
    classifierName: architecture.classifierName,
    geometry: architecture.geometry(config),
    dropoutRates: architecture.dropoutRates(config),
    positions: architecture.positions?.(config) ?? { first: 0, padding: null },
    reads: architecture.reads?.(config) ?? "first",
    embed: (forward, inputs) => architecture.embed(forward, config, inputs),
    encode: (forward, embeddings, inputs) =>
      architecture.encode(forward, config, { embeddings, inputs }),
    classify: (forward, above) => architecture.classify(forward, config, above),
    predictTokens: predictTokens ? (forward, above) => predictTokens(forward, config, above) : null,
  };
}

const row =
  <Config>(architecture: Architecture<Config>) =>
  (type: string, json: unknown): Model =>
    bind(type, architecture, json);

/** Adding an architecture is one file and one row. */
const architectures: Readonly<Record<string, (type: string, json: unknown) => Model>> = {
  albert: row(albert),
  bert: row(bert),
  "deberta-v2": row(debertaV2),
  distilbert: row(distilbert),
  electra: row(electra),
  gpt2: row(gpt2),
  gpt_neox: row(gptNeox),
  llama: row(llama),
  mistral: row(mistral),
  modernbert: row(modernbert),
  qwen2: row(qwen2),
  qwen3: row(qwen3),
  roberta: row(roberta),
  "xlm-roberta": row({
    ...roberta,
    title: "XLM-RoBERTa",
    classifierName: "XLMRobertaForSequenceClassification",
  }),
};

/** The `model_type`s that are known, in alphabetical order. */
export const modelTypes: readonly string[] = Object.keys(architectures).sort();

/** Reads a checkpoint's config.json. Throws where the model type is unknown or a field is wrong. */
export function readModel(config: Readonly<Record<string, unknown>>): Model {
  const type = config.model_type;
  const known = typeof type === "string" && Object.hasOwn(architectures, type);
  if (!known) {
    throw new Error(
      `config: unknown model_type ${(JSON.stringify(type) ?? "nothing").slice(0, 60)}, expected one of ${modelTypes.join(", ")}`,
    );
  }
  return architectures[type]!(type, config);
}
