/**
 * @file Which pooling serves pairs of sentences? (Course example 3: two input sentences.)
 *
 * Expected: with 1,200 pairs the demo model stays near chance: it has to compare the two texts, and lda
 * on its frozen layers gets no further than 0.63. Cost: 2 trainings of at most 380 updates, a minute or two on 2 cores.
 * With a network: --set models=distilbert-base-cased --set learningRate=5e-5, on RTE --set datasets.path=train.tsv
 */

import { defineExperiment } from "@probegrid/runner";

export default defineExperiment({
  kind: "finetune",
  name: "entailment",
  question: "Which pooling serves pairs of sentences?",
  datasets: { path: "../data/demo/entailment.jsonl" },
  models: "../models/demo-bert",
  pooling: ["pooler", "mean"],
  learningRate: 5e-4,
  maxEpochs: 5,
  warmup: 0.1,
  testFrac: 0.2,
});
