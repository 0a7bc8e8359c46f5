/** @file Divides the texts of a dataset into chunks: what a worker encodes at a time, and what a kill can lose. */

import type { Geometry } from "@probegrid/probes";
import { idOf } from "../canonical.ts";
import type { Dataset } from "../dataset.ts";

export type Chunking = {
  /** Row numbers of each chunk; texts of like length are together, the longest first. */
  readonly chunks: readonly Uint32Array[];
  /** Estimated tokens of each chunk: what its work is measured in. */
  readonly work: readonly number[];
  /** Hash of the division. */
  readonly id: string;
};

const chunkOperations = 2.5e11; // a few seconds of one core
const fewestTokens = 2048; // a full batch
const mostTokens = 32_768;
const fewestChunks = 8; // even of a small dataset, so that all workers have some

/**
 * Divides by estimated length. The size depends on the model and the texts only, never on the machine or the
 * number of workers: the same batches give the same bits.
 */
export function chunkTexts(
  { texts, textPairs }: Pick<Dataset, "texts" | "textPairs">,
  { layers, width, maxTokens }: Pick<Geometry, "layers" | "width" | "maxTokens">,
): Chunking {
  const tokens = texts.map((text, i) =>
    Math.min(2 + Math.ceil((text.length + (textPairs?.[i]?.length ?? 0)) / 4), maxTokens),
  );
  const order = Uint32Array.from(texts, (_, i) => i);
  order.sort((a, b) => (tokens[b] ?? 0) - (tokens[a] ?? 0) || a - b);
  const target = chunkOperations / (24 * layers * width ** 2);
  const total = tokens.reduce((sum, count) => sum + count, 0);
  const size = Math.max(fewestTokens, Math.min(mostTokens, target, total / fewestChunks));
  const chunks: Uint32Array[] = [];
  const work: number[] = [];
  let start = 0;
  let sum = 0;
  order.forEach((row, i) => {
    sum += tokens[row] ?? 0;
    if (sum < size && i < order.length - 1) return;
    chunks.push(order.slice(start, i + 1).sort());
    work.push(sum);
    start = i + 1;
    sum = 0;
  });
  return { chunks, work, id: idOf(chunks.map((rows) => rows.length)) };
}
