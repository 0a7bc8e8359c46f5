/** @file What contexts of keywords are read from: explained texts cut into words, and an attention map of each. */

import {
  AttentionReader,
  type Device,
  mergeWords,
  storedWeights,
  tokenScores,
} from "@probegrid/probes";
import type { Checkpoint } from "../../checkpoint.ts";
import type { Dataset } from "../../dataset.ts";
import { tokenizerOf } from "../../jobs/tokenize.ts";
import { modelOf } from "../../model-of.ts";
import { sessionOn } from "../../session-on.ts";
import type { AttributionRecord } from "../../store/index.ts";
import type { ContextText } from "./contexts.ts";
import type { ClassWords } from "./write-report.ts";

/** Texts of a dataset as a checkpoint reads them. */
export type ReadSettings = {
  readonly checkpoint: Checkpoint;
  readonly dataset: Dataset;
  readonly settings: {
    /** Pieces stay units of their own. */
    readonly pieces: boolean;
    readonly truncation: "end" | "front";
    readonly maxTokens: number | null;
  };
};

/** A reader of one layer's attention, from 0; negative numbers count from the highest. Close it. */
export async function openReader(
  { checkpoint, settings }: ReadSettings,
  { layer, device }: { readonly layer: number; readonly device: Device },
): Promise<AttentionReader> {
  const model = modelOf(checkpoint);
  return await AttentionReader.create({
    ...{ model, layer },
    weights: storedWeights(checkpoint.tensors, model.prefix),
    padId: tokenizerOf({ checkpoint, ...settings }).padId,
    session: sessionOn(device),
  });
}

/** A text as averages and contexts take it: its units with their scores, special tokens left out. */
export function contextText(
  { checkpoint, dataset, settings }: ReadSettings,
  record: Extract<AttributionRecord, { error: null }>,
): ContextText {
  const { row, target, tokens, words, scores } = record;
  const tokenizer = tokenizerOf({ checkpoint, ...settings });
  const specials = words.map((word) => (word === -1 ? 1 : 0));
  const units = (settings.pieces ? tokenScores : mergeWords)(
    { spellings: tokens, words, specials },
    scores,
  );
  return {
    label: target,
    encoded: tokenizer.encode(dataset.texts[row]!, dataset.textPairs?.[row] ?? null),
    units: units.filter(({ special }) => !special),
  };
}

/** The first words that some rankings have for a class, without repetition. */
export function firstWords(
  rankings: readonly ClassWords[],
  name: string,
  { keywords }: { readonly keywords: number },
): readonly string[] {
  const first = rankings.flatMap((classes) =>
    (classes.find(([label]) => label === name)?.[1] ?? [])
      .slice(0, keywords)
      .map(({ token }) => token),
  );
  return [...new Set(first)];
}
