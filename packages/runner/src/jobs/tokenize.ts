/** @file Texts to token numbers inside a worker, with the tokenizer of the last checkpoint kept. */

import type { TokenizedText } from "@probegrid/probes";
import type { Checkpoint } from "../checkpoint.ts";
import { modelOf } from "../model-of.ts";
import { type BoundedTokenizer, openTokenizer } from "../open-tokenizer.ts";

export type TokenizeWork = {
  readonly checkpoint: Checkpoint;
  readonly texts: readonly string[];
  readonly textPairs: readonly string[] | null;
  readonly truncation: "end" | "front";
  readonly maxTokens: number | null;
};

let latest: { readonly key: string; readonly tokenizer: BoundedTokenizer } | undefined;

/** The tokenizer of a checkpoint; texts are cut to what its model takes, or shorter where that is asked for. */
export function tokenizerOf({
  checkpoint,
  truncation,
  maxTokens,
}: Pick<TokenizeWork, "checkpoint" | "truncation" | "maxTokens">): BoundedTokenizer {
  const key = JSON.stringify([checkpoint.id, truncation, maxTokens]);
  if (latest?.key === key) return latest.tokenizer;
  const limit = modelOf(checkpoint).geometry.maxTokens;
  const tokenizer = openTokenizer(checkpoint, {
    maxTokens: Math.min(maxTokens ?? limit, limit),
    truncation,
  });
  latest = { key, tokenizer };
  return tokenizer;
}

/** Every text (or pair) as tokens, and how many texts lost some. */
export function tokenizeTexts(work: TokenizeWork): {
  readonly tokenized: readonly TokenizedText[];
  readonly truncated: number;
} {
  const tokenized = tokenizerOf(work).encodeAll(work.texts, work.textPairs);
  return { tokenized, truncated: tokenized.filter(({ truncated }) => truncated > 0).length };
}
