/**
 * @file Which learning rate suits a sentiment classifier? (Course example 1: a built-in set.)
 *
 * Expected: the upper layers of demo-bert know polarity already, so all three pass 0.95 accuracy on the test
 * rows, 1e-3 most surely. Cost: 3 trainings of at most 272 updates, about a minute on 2 cores.
 * With a network: --set models=distilbert-base-uncased --set learningRate=5e-5 --set maxEpochs=1
 */

import { defineExperiment } from "@probegrid/runner";

export default defineExperiment({
  kind: "finetune",
  name: "sentiment",
  question: "Which learning rate suits a sentiment classifier?",
  datasets: "../data/demo/polarity.jsonl",
  models: "../models/demo-bert",
  learningRate: [1e-4, 3e-4, 1e-3],
  maxEpochs: 4,
  warmup: 0.1,
  testFrac: 0.2,
});
