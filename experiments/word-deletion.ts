/**
 * @file Which attributions find the words that a classifier decides by? (Wu and Ong 2021, experiments 1 and 2.)
 *
 * Word rank tables, accuracy after the k highest words are taken out (k = 0 to 10, with random order beside it), the
 * agreement of methods. Expected: accuracy falls fast for gradients, LRP and occlusion, as slowly as at random for
 * attention tracing. Cost: one training of demo-bert and 200 texts, about two minutes on 2 cores.
 *
 * On real data: fine-tune a BERT on SST (npx probegrid finetune --data train.tsv ... --out sst-bert), then
 * --set models=sst-bert --set datasets=dev.tsv --set trees=trees/dev.txt (the last adds the sentiments that people gave
 * each word of SST).
 */

import { defineExperiment } from "@probegrid/runner";

export default defineExperiment({
  kind: "attribute",
  name: "word-deletion",
  question: "Which attributions find the words that a sentiment classifier decides by?",
  datasets: [{ path: "../data/demo/polarity.jsonl", limit: 200 }],
  models: [{ base: "../models/demo-bert", learningRate: 1e-3, maxEpochs: 4, warmup: 0.1, seed: 1 }],
  methods: [
    { name: "gradient", reduce: "squared-norm" },
    { name: "gradient-x-input", reduce: "squared-norm" },
    "integrated-gradients",
    "lrp",
    "lrp-wu-ong",
    "attention-tracing",
    "attention-rollout",
    "occlusion",
  ],
  perturbation: "pad",
});
