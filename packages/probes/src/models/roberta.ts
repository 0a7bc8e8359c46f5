/** @file RoBERTa (Liu et al. 2019) and XLM-R: BERT's layers, positions that start after the padding id. */

import { tanh } from "../graph/index.ts";
import { linear } from "../nn/layers.ts";
import { defineArchitecture } from "./architecture.ts";
import {
  type BertConfig,
  bertConfig,
  bertDropout,
  bertEmbeddings,
  bertGeometry,
  bertLayers,
  firstToken,
} from "./bert.ts";

/** The padding id, 1 unless a config says otherwise. */
const padding = (c: BertConfig) => c.pad_token_id ?? 1;

export const roberta = defineArchitecture<BertConfig>({
  title: "RoBERTa",
  prefix: "roberta.",
  classifierName: "RobertaForSequenceClassification",
  config: bertConfig.extend({
    vocab_size: bertConfig.shape.vocab_size.default(50265),
    pad_token_id: bertConfig.shape.pad_token_id.default(1),
  }),
  geometry: (c) => ({
    ...bertGeometry(c),
    maxTokens: c.max_position_embeddings - padding(c) - 1,
  }),
  dropoutRates: bertDropout,
  positions: (c) => ({ first: padding(c) + 1, padding: padding(c) }),
  embed: bertEmbeddings,
  encode: bertLayers,
  classify: (forward, c, { last, classes }) => {
    const first = forward.dropout(firstToken(last), "head");
    const x = tanh(linear(forward, "classifier.dense", { x: first, out: c.hidden_size }));
    return linear(forward, "classifier.out_proj", { x: forward.dropout(x, "head"), out: classes });
  },
});
