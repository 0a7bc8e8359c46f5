/** @file One encoding being made: its file, its chunks, and its record when the last chunk is in. */

import { rmSync } from "node:fs";
import { encodingFile, openEncoding } from "../cache.ts";
import { checksumFile } from "../checksum.ts";
import type { Pair } from "../grid.ts";
import type { SizedFeature } from "../grid-model.ts";
import type { EncodeWork } from "../jobs/encode.ts";
import { openPartialEncoding, type PartialEncoding } from "../partial-encoding.ts";
import { missingFeatures } from "../plan.ts";
import { recordEncoding } from "../store/index.ts";
import { computeAgain } from "../supervisor/try-again.ts";
import { type Chunking, chunkTexts } from "./chunks.ts";
import type { RunContext } from "./context.ts";
import type { EncodeLanes } from "./encode-lanes.ts";
import type { Advance } from "./stage.ts";

/** An encoding, or a further part of one, and what is written of it so far. */
export type Target = {
  readonly pair: Pair;
  readonly features: ReadonlyMap<string, SizedFeature>;
  readonly chunking: Chunking;
  /** Which part of the encoding it is, from 0. */
  readonly part: number;
  readonly partial: PartialEncoding;
};

/** Opens or begins the file for what a pair lacks; undefined when it lacks nothing. */
export function openTarget({ grid, cache }: RunContext, pair: Pair): Target | undefined {
  const features = missingFeatures(pair, cache);
  if (features.size === 0) return undefined;
  const { dataset, model, encoding } = pair;
  const chunking = chunkTexts(dataset, model.model.geometry);
  const part = openEncoding(cache, encoding).files.length;
  const partial = openPartialEncoding(encodingFile(cache, encoding, part), {
    features: tensorSpecs(features, {
      rows: dataset.texts.length,
      dtype: grid.experiment.precision === "float16" ? "F16" : "F32",
    }),
    metadata: { encoding, dataset: dataset.id, model: model.checkpoint.id },
    chunks: chunking.chunks.length,
    chunking: chunking.id,
  });
  return { pair, features, chunking, part, partial };
}

/** Has one chunk computed and written; the last one gives the file its name. */
export async function encodeTargetChunk(
  context: RunContext,
  target: Target,
  { chunk, lanes, threads }: EncodeLanes & { readonly chunk: number },
): Promise<Advance> {
  const { chunking, partial } = target;
  const counts = await computeAgain({
    model: target.pair.model.checkpoint.id,
    sizes: context.batchSizes,
    compute: async (batchTokens) => {
      const work = { ...workOf(context, target, chunk), threads, batchTokens };
      return await context.executor.run("encode", work, { size: chunking.work[chunk] });
    },
  });
  partial.finishChunk(chunk, counts);
  if (partial.finished.size === chunking.chunks.length) finishTarget(context, target, lanes);
  return {
    done: counts.texts,
    work: chunking.work[chunk] ?? 0,
    counted: counts.tokens,
    truncated: counts.truncated,
  };
}

/** Gives a complete file its name and records the encoding, of which so many chunks were computed side by side. */
export function finishTarget(
  { store, cache, environment, checksums }: RunContext,
  { pair, part, partial }: Target,
  lanes: number,
): void {
  const { dataset, model, encoding } = pair;
  const file = encodingFile(cache, encoding, part);
  rmSync(checksumFile(file), { force: true }); // of a file that was there before
  partial.commit();
  checksums.begin(file);
  const { texts, tokens, truncated, seconds, bytes } = openEncoding(cache, encoding);
  recordEncoding(store, {
    ...{ id: encoding, dataset: dataset.id, model: model.checkpoint.id },
    ...{ texts, tokens, truncated, bytes, environment },
    seconds: seconds / lanes,
  });
}

function workOf(
  { grid, device }: RunContext,
  { pair, features, chunking, partial }: Target,
  chunk: number,
): Omit<EncodeWork, "batchTokens" | "threads"> {
  const { source, set, truncation, maxTokens } = grid.experiment;
  const { texts, textPairs } = pair.dataset;
  const rows = chunking.chunks[chunk] ?? new Uint32Array();
  const pick = (all: readonly string[]): string[] => Array.from(rows, (row) => all[row] ?? "");
  return {
    checkpoint: pair.model.checkpoint,
    features: [...features.values()],
    tensors: [...features.keys()].map((name) => {
      const tensor = partial.tensors.get(name);
      if (!tensor) throw new Error(`internal: no room for ${name}`);
      return tensor;
    }),
    rows,
    texts: pick(texts),
    textPairs: textPairs === null ? null : pick(textPairs),
    ...{ truncation, maxTokens, device },
    experiment: { source, set },
  };
}

type Sizes = { readonly rows: number; readonly dtype: "F16" | "F32" };

function tensorSpecs(features: ReadonlyMap<string, SizedFeature>, { rows, dtype }: Sizes) {
  return Object.fromEntries(
    [...features].map(([name, { width }]) => [name, { dtype, shape: [rows, width] }]),
  );
}
