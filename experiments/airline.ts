/**
 * @file Do class weights or weighted sampling help unequal classes? (Course example 2: a CSV of one's own.)
 *
 * Expected: all find the frequent class; macro F1, which counts classes alike, is highest with weighted
 * sampling (above 0.9). Cost: 4 trainings of at most 144 updates, about a minute on 2 cores.
 * On the tweets of Kaggle: --set datasets.path=Tweets.csv --set models=distilbert-base-cased --set learningRate=5e-5
 */

import { defineExperiment } from "@probegrid/runner";

export default defineExperiment({
  kind: "finetune",
  name: "airline",
  question: "Do class weights or weighted sampling help unequal classes?",
  datasets: { path: "../data/airline/airline.csv", text: "text", label: "airline_sentiment" },
  models: "../models/demo-bert",
  classWeights: [null, "balanced"],
  weightedSampling: [false, true],
  learningRate: 1e-3,
  maxEpochs: 3,
  warmup: 0.1,
  testFrac: 0.3,
  seed: 42,
});
