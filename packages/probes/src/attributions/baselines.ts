/** @file Baselines: what a text is compared with, as ids or as embeddings. */

import {
  constant,
  fill,
  greater,
  input,
  type Node,
  reduceMean,
  unsqueeze,
  where,
} from "../graph/index.ts";
import type { ModelInputs } from "../models/architecture.ts";
import type { Example } from "./attribution.ts";
import { type ExplainedSpec, embed, replaceWords } from "./explained.ts";

/**
 * `pad`, `mask`: every ordinary token becomes that special token; `mean`: its word row becomes the
 * vocabulary's mean; special tokens stay. `zero`: the embedding is zero everywhere, as Captum's
 * default.
 */
export const baselineKinds = ["pad", "mask", "zero", "mean"] as const;
export type BaselineKind = (typeof baselineKinds)[number];

/** The baseline at the spec's site, shaped like x. */
export function baselineNode(
  spec: ExplainedSpec,
  kind: BaselineKind,
  { x, inputs }: { readonly x: Node; readonly inputs: ModelInputs },
): Node {
  if (kind === "zero") return fill(0, x.shape);
  if (kind === "mean") {
    const embedded = embed(spec, inputs);
    const words = meanWords(embedded.words, input("ordinary", ["batch", "tokens"]));
    return spec.site === "words" ? words : replaceWords(embedded, words);
  }
  const ids = input("baselineIds", ["batch", "tokens"], "int64");
  const { words, embeddings } = embed(spec, { ...inputs, ids });
  return spec.site === "words" ? words : embeddings;
}

/** Word rows, with the vocabulary's mean row where `marked` is 1. [batch, tokens, width] */
export function meanWords(words: Node, marked: Node): Node {
  const mean = reduceMean(words.inputs[0]!, [0], true); // [1, width]
  return where(greater(unsqueeze(marked, 2), constant(0.5)), unsqueeze(mean, 0), words);
}

/** Ids with every ordinary token exchanged; throws where the tokenizer has no such token. */
export function baselineIds(
  { ids, specials }: Example,
  kind: BaselineKind,
  { padId, maskId }: { readonly padId: number; readonly maskId: number | null },
): readonly number[] {
  const id = kind === "mask" ? maskId : padId;
  if (id === null)
    throw new Error("attribute: the tokenizer has no mask token, expected another baseline");
  return Array.from(ids, (own, i) => (specials[i] === 1 ? own : id));
}
