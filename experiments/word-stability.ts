/**
 * @file Do word scores survive another training? (Wu and Ong 2021, experiment 4.)
 *
 * The same data and the same texts, fine-tuned with two seeds; Pearson's r of the mean score of every word. Expected:
 * high for every method (Wu and Ong: .85 to .91). Cost: two trainings of demo-bert, 2 x 200 texts, about two minutes.
 *
 * On real data: any classified file under datasets and a BERT as base, with learningRate 2e-5 and maxTokens 128.
 */

import { defineExperiment } from "@probegrid/runner";

const tuned = { base: "../models/demo-bert", learningRate: 1e-3, maxEpochs: 4, warmup: 0.1 };

export default defineExperiment({
  kind: "attribute",
  name: "word-stability",
  question: "Do word scores survive another training?",
  datasets: [{ path: "../data/demo/polarity.jsonl", limit: 200 }],
  models: [
    { ...tuned, seed: 42 },
    { ...tuned, seed: 123 },
  ],
  methods: [
    { name: "gradient", reduce: "squared-norm" },
    { name: "gradient-x-input", reduce: "squared-norm" },
    "lrp-wu-ong",
    "attention-tracing",
    "integrated-gradients",
    "lrp",
  ],
  measures: false,
});
