/**
 * Question   How much noise does each word bear before each layer changes? (Guan et al. 2019)
 * Expected   Content words bear less than function words, the more so the higher the layer.
 * Needs      A classifier: npx probegrid finetune --model <checkpoint> --data data/demo/polarity.jsonl --out data/checkpoints/polarity
 * Cost       20 texts, every layer: about ten minutes for a model of six layers on two cores.
 */

import { defineExperiment } from "@probegrid/runner";

export default defineExperiment({
  kind: "attribute",
  name: "word-information",
  question: "How much noise does each word bear before each layer changes?",
  datasets: [{ path: "data/demo/polarity.jsonl", limit: 20 }],
  models: ["data/checkpoints/polarity"],
  methods: [{ name: "information", layers: "all", scale: 0.5, rate: 0.1 }, "attention-tracing"],
  checkedTexts: 0,
  minTokens: 3,
  minCount: 1,
});
