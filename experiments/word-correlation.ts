/**
 * @file Do words matter as much in other data sets? (Wu and Ong 2021, experiment 3.)
 *
 * A classifier for each of four data sets; Pearson's r of the mean score of every shared word, pair by pair. Expected
 * on the demo data: low, because tense, number and polarity are decided by different words; attention tracing agrees
 * most, being dominated by words that no task needs. Wu and Ong's four are all about sentiment: r from .5 to .8. Cost:
 * four trainings of demo-bert, 4 x 200 texts, about four minutes on 2 cores.
 *
 * On real data: list the files (sst5.csv, semeval.csv, imdb.csv, yelp5.csv) under datasets and a BERT as base, with
 * learningRate 2e-5 and maxTokens 128.
 */

import { defineExperiment } from "@probegrid/runner";

export default defineExperiment({
  kind: "attribute",
  name: "word-correlation",
  question: "Do words matter as much in other data sets?",
  datasets: [
    { path: "../data/demo/polarity.jsonl", limit: 200 },
    { path: "../data/demo/number.jsonl", limit: 200 },
    { path: "../data/demo/tense.jsonl", limit: 200 },
    { path: "../data/demo/length.jsonl", limit: 200 },
  ],
  models: [{ base: "../models/demo-bert", learningRate: 1e-3, maxEpochs: 3, warmup: 0.1, seed: 1 }],
  methods: [
    { name: "gradient", reduce: "squared-norm" },
    { name: "gradient-x-input", reduce: "squared-norm" },
    "lrp-wu-ong",
    "attention-tracing",
    "integrated-gradients",
    "lrp",
  ],
  measures: false,
  minTokens: 7,
});
