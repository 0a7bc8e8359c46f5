/** @file Heads: from hidden states to one output per class, as the architecture has it or of our own. */

import {
  div,
  gelu,
  matMul,
  type Node,
  reduceSum,
  reshape,
  tanh,
  unsqueeze,
} from "../graph/index.ts";
import type { ModelInputs } from "../models/architecture.ts";
import { bertPooler, firstToken } from "../models/bert.ts";
import type { Model } from "../models/index.ts";
import { type Forward, linear, widthOf } from "../nn/layers.ts";
import { maxOverTokens } from "../pooling.ts";

/**
 * How the tokens of the last layer become the vector that is classified: `pooler` is the
 * architecture's own way (BERT: tanh of a linear map of the first token), the others are plain.
 */
export const headPoolings = ["pooler", "cls", "mean", "max"] as const;
export type HeadPooling = (typeof headPoolings)[number];

export type Head = {
  readonly pooling: HeadPooling;
  /** Neurons of a hidden layer before the outputs; 0 for none. */
  readonly hidden: number;
};

/** The head that `transformers` gives the architecture: its checkpoints load there unchanged. */
export const nativeHead: Head = { pooling: "pooler", hidden: 0 };

export const isNative = ({ pooling, hidden }: Head): boolean =>
  pooling === "pooler" && hidden === 0;

/** What the weights of heads of our own are called, in front of `dense` and `out`. */
export const headPrefix = "probegrid_head.";

type Above = { readonly last: Node; readonly inputs: ModelInputs };

/** Outputs of a head on the last hidden state. [batch, outputs] */
export function headOutputs(
  forward: Forward,
  model: Model,
  { last, inputs, head, outputs }: Above & { readonly head: Head; readonly outputs: number },
): Node {
  if (isNative(head)) return model.classify(forward, { last, inputs, classes: outputs });
  const pooled = forward.dropout(pool(forward, model, { last, inputs, head }), "head");
  if (head.hidden === 0) return linear(forward, `${headPrefix}out`, { x: pooled, out: outputs });
  const inner = gelu(linear(forward, `${headPrefix}dense`, { x: pooled, out: head.hidden }));
  return linear(forward, `${headPrefix}out`, { x: forward.dropout(inner, "head"), out: outputs });
}

function pool(
  forward: Forward,
  model: Model,
  {
    last,
    inputs,
    head,
  }: { readonly last: Node; readonly inputs: ModelInputs; readonly head: Head },
): Node {
  switch (head.pooling) {
    case "cls":
      return firstToken(last);
    case "mean":
      return meanOverTokens(last, inputs.mask);
    case "max":
      return maxOverTokens(last, inputs.mask);
    case "pooler": {
      const own = poolers[model.type];
      if (own) return own(forward, last);
      throw new Error(
        `head: ${model.title} has no pooler that a hidden layer could follow, expected pooling cls, mean or max`,
      );
    }
  }
}

/** Poolers that stand apart from the classifier, by model type. */
const poolers: Readonly<Record<string, (forward: Forward, last: Node) => Node>> = {
  bert: (forward, last) => bertPooler(forward, last, widthOf(last)),
  albert: (forward, last) =>
    tanh(linear(forward, "pooler", { x: firstToken(last), out: widthOf(last) })),
};

/** The mean over real tokens. x [batch, tokens, width], mask [batch, tokens] -> [batch, width] */
function meanOverTokens(x: Node, mask: Node): Node {
  const shares = div(mask, reduceSum(mask, [1], true)); // [batch, tokens]
  return reshape(matMul(unsqueeze(shares, 1), x), [x.shape[0]!, widthOf(x)]);
}
