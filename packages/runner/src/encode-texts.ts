/** @file Writes every hidden state of some texts, text by text, so that memory does not grow with their number. */

import { type Device, StateReader, storedWeights } from "@probegrid/probes";
import type { Checkpoint } from "./checkpoint.ts";
import { checkWeights } from "./grid-model.ts";
import { tokenizerOf, tokenizeTexts } from "./jobs/tokenize.ts";
import { createSafetensors, type TensorSpec } from "./safetensors-writer.ts";
import { sessionOn } from "./session-on.ts";

type Work = {
  readonly checkpoint: Checkpoint;
  readonly texts: readonly string[];
  readonly textPairs: readonly string[] | null;
  readonly attentions: boolean;
  readonly truncation: "end" | "front";
  readonly maxTokens: number | null;
  readonly device: Device;
};

/** Writes `text.<i>.hidden_states`, `.input_ids` and, where asked, `.attentions`; returns what was counted. */
export async function encodeTexts(
  file: string,
  work: Work,
): Promise<{ readonly tokens: number; readonly truncated: number; readonly bytes: number }> {
  const { checkpoint, attentions, device } = work;
  const { model } = checkWeights(checkpoint);
  const { tokenized, truncated } = tokenizeTexts(work);
  const { layers, width, heads } = model.geometry;
  const tensors: Record<string, TensorSpec> = {};
  let tokens = 0;
  for (const [i, { ids }] of tokenized.entries()) {
    const n = ids.length;
    tokens += n;
    tensors[`text.${i}.hidden_states`] = { dtype: "F32", shape: [layers + 1, n, width] };
    tensors[`text.${i}.input_ids`] = { dtype: "I64", shape: [n] };
    if (attentions)
      tensors[`text.${i}.attentions`] = { dtype: "F32", shape: [layers, heads, n, n] };
  }
  const reader = await StateReader.create({
    model,
    weights: storedWeights(checkpoint.tensors, model.prefix),
    padId: tokenizerOf(work).padId,
    attentions,
    session: sessionOn(device),
  });
  const writer = createSafetensors(file, {
    tensors,
    metadata: { model: checkpoint.name, id: checkpoint.id },
  });
  try {
    for (const [i, text] of tokenized.entries()) {
      const found = await reader.read(text);
      writer.write(`text.${i}.hidden_states`, found.hiddenStates);
      writer.write(`text.${i}.input_ids`, BigInt64Array.from(Array.from(text.ids, BigInt)));
      if (found.attentions) writer.write(`text.${i}.attentions`, found.attentions);
    }
    writer.close();
  } finally {
    writer.discard();
    await reader.close();
  }
  const bytes = Object.values(tensors).reduce(
    (sum, { dtype, shape }) =>
      sum + shape.reduce((product, size) => product * size, dtype === "I64" ? 8 : 4),
    0,
  );
  return { tokens, truncated, bytes };
}
