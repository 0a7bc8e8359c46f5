/** @file A model with a head over a batch, packed where the model can be: its outputs, and what it is fed. */

import type { Node, Tensor } from "../graph/index.ts";
import { modelInputs } from "../models/architecture.ts";
import { batchFeeds, type TokenizedText } from "../models/batch.ts";
import type { Model } from "../models/index.ts";
import type { Forward } from "../nn/layers.ts";
import { canPack, packedFeeds, packedInputs } from "../nn/packing.ts";
import { type Head, headOutputs } from "./heads.ts";

/** Outputs of a head on the last layer. `beforeHead` is called between body and head. [batch, outputs] */
export function modelOutputs(
  model: Model,
  plain: Forward,
  {
    head,
    outputs,
    beforeHead = () => {},
  }: { readonly head: Head; readonly outputs: number; readonly beforeHead?: () => void },
): Node {
  const { inputs, packing } = canPack(model)
    ? packedInputs(readsFirst(head) ? "first" : "all")
    : { inputs: modelInputs(), packing: null };
  const forward = packing === null ? plain : { ...plain, packing };
  const { hiddenStates } = model.encode(forward, model.embed(forward, inputs), inputs);
  const top = hiddenStates[hiddenStates.length - 1]!;
  beforeHead();
  const last = packing === null ? top : packing.unpack(top); // [batch, tokens, width]
  return headOutputs(forward, model, { last, inputs, head, outputs });
}

/** True of heads that read first tokens only: cls, and the own heads of all models that can be packed. */
const readsFirst = ({ pooling }: Head): boolean => pooling === "cls" || pooling === "pooler";

/** What `modelOutputs` is fed for these texts. */
export function modelFeeds(
  model: Model,
  texts: readonly TokenizedText[],
  padId: number,
): Readonly<Record<string, Tensor>> {
  return canPack(model) ? packedFeeds(model, texts, padId) : batchFeeds(model, texts, padId);
}
