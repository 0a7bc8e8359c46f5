/**
 * @file Which pooling serves pairs of sentences? (Course example 3: two input sentences.)
 *
 * Expected: with so few pairs the demo model does little better than lda on its frozen layers (0.63), and the
 * mean of the tokens better than the pooler. Cost: 2 trainings of at most 340 updates, about a minute on 2 cores.
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
