/** @file The encode job: some texts of a dataset through a model, pooled, and written where their rows belong. */

import {
  type Device,
  Encoder,
  planBatches,
  storedWeights,
  type TokenizedText,
} from "@probegrid/probes";
import type { EncodingCounts, Feature } from "../cache.ts";
import { featureName } from "../cache.ts";
import { modelOf } from "../model-of.ts";
import { writeRows } from "../partial-encoding.ts";
import type { StoredTensor } from "../safetensors.ts";
import { sessionOn } from "../session-on.ts";
import { type ExperimentSource, findCustomPart } from "./custom-parts.ts";
import { type TokenizeWork, tokenizerOf, tokenizeTexts } from "./tokenize.ts";

/** One chunk of an encoding. */
export type EncodeWork = TokenizeWork & {
  /** Row of each text in the dataset. */
  readonly rows: Uint32Array;
  /** Where each feature's rows go, in the order of `features`. */
  readonly tensors: readonly StoredTensor[];
  readonly features: readonly Feature[];
  readonly device: Device;
  /** Tokens of one batch, padding included. */
  readonly batchTokens: number;
  /** Threads of one session: 1 where several workers share the cores. */
  readonly threads: number;
  readonly experiment: ExperimentSource;
};

/** Encodes a chunk; all of its rows are on disk when it returns. */
export async function encodeChunk(work: EncodeWork): Promise<EncodingCounts> {
  const begun = performance.now();
  const { checkpoint, batchTokens, rows, tensors } = work;
  const { tokenized, truncated } = tokenizeTexts(work);
  const encoder = await encoderOf(work);
  const chunk = encoder.widths.map((width) => new Float32Array(rows.length * width));
  const lengths = tokenized.map(({ ids }) => ids.length);
  for (const batch of planBatches(lengths, batchTokens)) {
    const texts = Array.from(batch.rows, (row) => tokenized[row] as TokenizedText);
    const features = await encoder.encode(texts);
    features.forEach((values, feature) => {
      const width = encoder.widths[feature] ?? 0;
      batch.rows.forEach((row, i) => {
        chunk[feature]?.set(values.subarray(i * width, (i + 1) * width), row * width);
      });
    });
  }
  chunk.forEach((values, feature) => {
    const tensor = tensors[feature];
    if (!tensor) throw new Error(`internal: feature ${feature} has no tensor`);
    requireFinite(
      values,
      () => `model ${checkpoint.name}: feature ${featureName(work.features[feature] as Feature)}`,
    );
    writeRows(tensor, rows, values);
  });
  const tokens = lengths.reduce((sum, length) => sum + length, 0);
  return { texts: rows.length, tokens, truncated, seconds: (performance.now() - begun) / 1000 };
}

/** The encoder of the last chunk: chunks come encoding by encoding, so one is enough to keep. */
let latest: { readonly key: string; readonly encoder: Encoder } | undefined;

/** Lets go of the last chunk's encoder and its weights: who probes has no more to encode for a while. */
export async function closeEncoder(): Promise<void> {
  const closing = latest;
  latest = undefined;
  await closing?.encoder.close();
}

async function encoderOf(work: EncodeWork): Promise<Encoder> {
  const { checkpoint, features, device, threads, experiment } = work;
  const key = JSON.stringify([checkpoint.id, features.map(featureName), device, threads]);
  if (latest?.key === key) return latest.encoder;
  await closeEncoder();
  const model = modelOf(checkpoint);
  const encoder = await Encoder.create({
    model,
    weights: storedWeights(checkpoint.tensors, model.prefix),
    features: await Promise.all(
      features.map(async ({ layers, token }) =>
        token.kind === "custom"
          ? { layers, pool: (await findCustomPart(experiment, "poolers", token)).pool }
          : { layer: layers[0] ?? 0, token },
      ),
    ),
    padId: tokenizerOf(work).padId,
    session: sessionOn(device, threads),
  });
  latest = { key, encoder };
  return encoder;
}

function requireFinite(values: Float32Array, what: () => string): void {
  const at = values.findIndex((value) => !Number.isFinite(value));
  if (at >= 0) throw new Error(`${what()}: expected finite values, got ${values[at]}`);
}
