/**
 * @file Where in a small model does each property of a sentence become readable?
 *
 * Expected: tense is spelled by word forms and readable from layer 0; sentence length likewise, from
 * position embeddings; the subject's number needs one or two layers to get past a distracting noun;
 * polarity under negation stays at chance in layer 0 and only appears in the upper layers
 * (models/demo-bert/README.md has the numbers). Cost: 5 encodings, 140 trials of 10 folds; well under
 * a minute on 2 cores.
 */

import { defineExperiment } from "@probegrid/runner";

export default defineExperiment({
  name: "demo",
  question: "Which layer of demo-bert knows what about a sentence?",
  datasets: [
    "../data/demo/tense.jsonl",
    "../data/demo/length.jsonl",
    "../data/demo/number.jsonl",
    "../data/demo/polarity.jsonl",
    "../data/demo/entailment.jsonl",
  ],
  models: ["../models/demo-bert"],
  poolers: [
    { layer: "each", token: "mean" },
    { layer: "each", token: "cls" },
  ],
  classifiers: ["lda", "logistic"],
  folds: { kind: "stratified", k: 10, seed: 1 },
});
