/**
 * @file How much noise does each word bear before each layer changes? (Guan et al. 2019.)
 *
 * Heat maps of sigma by word and layer; a small sigma means that the layer keeps the word. Expected: the words that
 * decide (nouns, adjectives, negations) bear less than function words, the more so the higher the layer. Cost: one
 * training of demo-bert and 8 texts, under a minute on 2 cores.
 *
 * On real data: any checkpoint under models; scale 0.5 and rate 0.1 are what R3's authors took for BERT-base, "auto"
 * is 10 times the deviation of the word embeddings, as they advise for others. solver: "adam" is their own loop,
 * a few percent less exact and many times slower.
 */

import { defineExperiment } from "@probegrid/runner";

export default defineExperiment({
  kind: "attribute",
  name: "word-information",
  question: "How much noise does each word bear before each layer changes?",
  datasets: [{ path: "../data/demo/polarity.jsonl", limit: 8 }],
  models: [{ base: "../models/demo-bert", learningRate: 1e-3, maxEpochs: 4, warmup: 0.1, seed: 1 }],
  methods: [
    { name: "information", layers: "all", scale: "auto", regularization: { sample: 8 } },
    "attention-tracing",
  ],
  measures: false,
  minTokens: 3,
  minCount: 1,
});
