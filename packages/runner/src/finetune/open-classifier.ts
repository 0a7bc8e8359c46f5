/** @file Opens a fine-tuned checkpoint to ask it: model, weights, tokenizer and class names. */

import {
  type Device,
  headPrefix,
  isNative,
  type Model,
  Predictor,
  probabilitiesOf,
  storedWeights,
  type TokenizedText,
} from "@probegrid/probes";
import type { Checkpoint } from "../checkpoint.ts";
import { ExperimentError, messageOf } from "../errors.ts";
import { modelOf } from "../model-of.ts";
import { type BoundedTokenizer, openTokenizer } from "../open-tokenizer.ts";
import { sessionOn } from "../session-on.ts";
import { type ClassifierConfig, readClassifierConfig } from "./classifier-config.ts";

export type Classifier = ClassifierConfig & {
  readonly model: Model;
  readonly tokenizer: BoundedTokenizer;
  /** Numbers per text: classes, or one value. */
  readonly width: number;
  /** Logits (or values) of texts, row-major. */
  readonly predict: (texts: readonly TokenizedText[]) => Promise<Float32Array>;
  readonly close: () => Promise<void>;
};

type Options = {
  readonly device: Device;
  readonly truncation?: "end" | "front";
  readonly maxTokens?: number | null;
  /** Called after each batch of texts. */
  readonly onBatch?: () => void;
};

/** Opens the classifier of a checkpoint; refuses one that has no head. */
export async function openClassifier(
  checkpoint: Checkpoint,
  { device, truncation = "end", maxTokens = null, onBatch = () => {} }: Options,
): Promise<Classifier> {
  const model = modelOf(checkpoint);
  const config = readClassifierConfig(checkpoint.config);
  requireHead(checkpoint, model, config);
  const limit = model.geometry.maxTokens;
  const tokenizer = openTokenizer(checkpoint, {
    maxTokens: Math.min(maxTokens ?? limit, limit),
    truncation,
  });
  const width = config.labels?.length ?? 1;
  try {
    const predictor = await Predictor.create({
      weights: storedWeights(checkpoint.tensors, model.prefix),
      ...{ model, width, head: config.head, padId: tokenizer.padId, session: sessionOn(device) },
      onBatch,
    });
    return {
      ...config,
      ...{ model, tokenizer, width },
      predict: (texts) => predictor.predict(texts),
      close: () => predictor.close(),
    };
  } catch (cause) {
    throw new ExperimentError(`model ${checkpoint.path}: ${messageOf(cause)}`, { cause });
  }
}

/** One of these names begins every weight that is a head of `transformers`. */
const nativeHeads = /^(classifier|pre_classifier|score)\./;

function requireHead(
  { tensors, path, config: { architectures } }: Checkpoint,
  { classifierName }: Model,
  { head }: ClassifierConfig,
): void {
  const names = [...tensors.keys()];
  const found = isNative(head)
    ? names.some((name) => nativeHeads.test(name))
    : names.some((name) => name.startsWith(headPrefix));
  if (found) return;
  const is = Array.isArray(architectures) ? `, it is a ${architectures.join(", ")}` : "";
  throw new ExperimentError(
    `model ${path}: has no classification head (expected a ${classifierName}${is}); make one with probegrid finetune`,
  );
}

/** What a classifier says about one text. */
export type Answer =
  | { readonly label: string; readonly scores: Readonly<Record<string, number>> }
  | { readonly value: number };

/** Outputs as answers: probabilities by class name and the likeliest class, or the value. */
export function answersOf(
  { labels, width }: Pick<Classifier, "labels" | "width">,
  outputs: Float32Array,
): readonly Answer[] {
  const rows = outputs.length / width;
  if (labels === null) return Array.from(outputs, (value) => ({ value }));
  const probabilities = probabilitiesOf(outputs, width);
  return Array.from({ length: rows }, (_, row) => {
    const own = probabilities.subarray(row * width, (row + 1) * width);
    const best = own.indexOf(own.reduce((a, b) => Math.max(a, b)));
    const scores = Object.fromEntries(labels.map((label, c) => [label, own[c]!]));
    return { label: labels[best]!, scores };
  });
}
