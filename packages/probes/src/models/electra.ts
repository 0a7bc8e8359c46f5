/** @file ELECTRA (Clark et al. 2020): BERT's layers above embeddings that may be narrower. */

import type { z } from "zod";
import { gelu } from "../graph/index.ts";
import { linear } from "../nn/layers.ts";
import { defineArchitecture, size } from "./architecture.ts";
import {
  bertConfig,
  bertDropout,
  bertEmbeddings,
  bertGeometry,
  bertLayers,
  firstToken,
} from "./bert.ts";

const electraConfig = bertConfig.extend({
  embedding_size: size.default(128),
  hidden_size: size.default(256),
  num_attention_heads: size.default(4),
  intermediate_size: size.default(1024),
});

export const electra = defineArchitecture<z.infer<typeof electraConfig>>({
  title: "ELECTRA",
  prefix: "electra.",
  classifierName: "ElectraForSequenceClassification",
  config: electraConfig,
  geometry: bertGeometry,
  dropoutRates: bertDropout,
  embed: (forward, c, inputs) => {
    const x = bertEmbeddings(forward, c, inputs);
    if (c.embedding_size === c.hidden_size) return x;
    return linear(forward, "embeddings_project", { x, out: c.hidden_size });
  },
  encode: bertLayers,
  classify: (forward, c, { last, classes }) => {
    const first = forward.dropout(firstToken(last), "head");
    const x = gelu(linear(forward, "classifier.dense", { x: first, out: c.hidden_size }));
    return linear(forward, "classifier.out_proj", { x: forward.dropout(x, "head"), out: classes });
  },
});
