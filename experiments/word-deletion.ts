/**
 * Question   Which attributions find the words a sentiment classifier decides by? (Wu and Ong 2021, experiments 1 to 4)
 * Expected   Accuracy falls fast when the highest words of gradients and LRP are taken out, and as slowly as at random
 *            for attention tracing.
 * Needs      A classifier: npx probegrid finetune --model <checkpoint> --data data/demo/polarity.jsonl --out data/checkpoints/polarity
 * Cost       500 texts, 8 methods: about ten minutes for a model of six layers on two cores.
 */

import { defineExperiment } from "@probegrid/runner";

export default defineExperiment({
  kind: "attribute",
  name: "word-deletion",
  question: "Which attributions find the words a sentiment classifier decides by?",
  datasets: [{ path: "data/demo/polarity.jsonl", limit: 500 }],
  models: ["data/checkpoints/polarity"],
  methods: [
    { name: "gradient", reduce: "squared-norm" },
    { name: "gradient-x-input", reduce: "squared-norm" },
    "integrated-gradients",
    "lrp",
    "lrp-wu-ong",
    "attention-tracing",
    "occlusion",
  ],
  perturbation: "pad",
});
