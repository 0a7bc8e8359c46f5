/**
 * @file Which learning rate suits a sentiment classifier? (Course example 1: a built-in set.)
 *
 * Expected: polarity is buried under negations, so 1e-4 hardly leaves chance in four epochs while 1e-3
 * gets above 0.95. Cost: 3 trainings of at most 340 updates, about a minute on 2 cores.
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
