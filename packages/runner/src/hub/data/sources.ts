/** @file The table of data sets that can be pulled by name: one row each. */

import {
  bySplits,
  classRow,
  fillEdit,
  glue,
  keepLabels,
  pairRow,
  scaledRow,
  sentEval,
  trecRow,
} from "./mappings.ts";
import type { DataSource } from "./source.ts";

const sentiment = ["Negative", "Positive"] as const;
const hate = ["Not hate speech", "Hate speech"] as const;
const humour = ["Not funny", "Funny"] as const;
const colbert =
  "https://raw.githubusercontent.com/Moradnejad/ColBERT-Using-BERT-Sentence-Embedding-for-Humor-Detection/master/Data";
const trec = "https://cogcomp.seas.upenn.edu/Data/QA/QC";
const subjectivity = "https://www.cs.cornell.edu/people/pabo/movie-review-data";
const ethics = "https://people.eecs.berkeley.edu/~hendrycks/ethics.tar";

/** By name. The first ten are those of EleutherAI's probing pipeline, with its label mappings and its order of splits. */
export const dataSources = {
  "amazon-polarity": {
    ...{ title: "Amazon polarity", topic: "Sentiment", task: "classification", labels: sentiment },
    ...{ licence: null, rows: 4_000_000 },
    ...bySplits("fancyzhx/amazon_polarity", { train: "train", test: "test" }),
    row: classRow("content", "label"),
  },
  "app-reviews": {
    ...{ title: "App review", topic: "Sentiment", task: "regression", labels: sentiment },
    ...{ licence: null, rows: null },
    ...bySplits("sealuzh/app_reviews", { train: null }),
    row: scaledRow("review", "star", (star) => (star - 1) / 4),
  },
  colbert: {
    ...{ title: "ColBERT", topic: "Humour", task: "classification", labels: humour },
    ...{ licence: "see the repository", rows: null },
    home: "https://github.com/Moradnejad/ColBERT-Using-BERT-Sentence-Embedding-for-Humor-Detection",
    from: {
      kind: "url",
      files: [
        { url: `${colbert}/train.csv`, part: "train", format: "csv" },
        { url: `${colbert}/dev.csv`, part: "validation", format: "csv" },
      ],
    },
    row: classRow("text", "humor"),
  },
  "dutch-social": {
    ...{ title: "Dutch social", topic: "Sentiment", task: "regression", labels: sentiment },
    ...{ licence: null, rows: null },
    ...bySplits("corona-tweet/dutch_social", {
      ...{ train: "train", validation: "validation", test: "test" },
    }),
    row: scaledRow("text_translation", "sentiment_pattern", (value) => (value + 1) / 2),
  },
  "hate-speech": {
    ...{ title: "Stormfront hate speech", topic: "Hate speech", task: "classification" },
    ...{ labels: hate, licence: null, rows: null },
    ...bySplits("odegiber/hate_speech18", { train: null }),
    row: keepLabels([0, 1], classRow("text", "label")),
  },
  liar: {
    ...{ title: "Pants on fire", topic: "Truth", task: "regression", labels: ["False", "True"] },
    ...{ licence: null, rows: 12_836 },
    ...bySplits("ucsbnlp/liar", { train: "train", validation: "validation", test: "test" }),
    row: scaledRow("statement", "label", (label) => (5 - label) / 5),
  },
  microedit: {
    ...{ title: "Humicro edit", topic: "Humour", task: "regression", labels: humour },
    ...{ licence: null, rows: 23_343 },
    ...bySplits(
      "SemEvalWorkshop/humicroedit",
      { train: "train", test: "test", validation: "validation", funlines: "train" },
      "subtask-1",
    ),
    row: fillEdit(scaledRow("edited", "meanGrade", (grade) => grade / 3)),
  },
  sst: {
    ...{ title: "Stanford Sentiment Treebank", topic: "Sentiment", task: "regression" },
    ...{ labels: sentiment, licence: null, rows: 11_855 },
    ...bySplits("stanfordnlp/sst", { train: "train", validation: "validation", test: "test" }),
    row: scaledRow("sentence", "label", (label) => label),
  },
  "tweets-hate-speech": {
    ...{ title: "Tweets hate speech", topic: "Hate speech", task: "classification" },
    ...{ labels: hate, licence: null, rows: null },
    ...bySplits("tweets-hate-speech-detection/tweets_hate_speech_detection", { train: null }),
    row: classRow("tweet", "label"),
  },
  commonsense: {
    ...{ title: "ETHICS Commonsense", topic: "Normativity", task: "classification" },
    ...{ labels: ["Normative", "Non-normative"], licence: "MIT", rows: 8_770 },
    home: "https://github.com/hendrycks/ethics",
    from: {
      kind: "url",
      files: (["test", "train"] as const).map((part) => ({
        ...{ url: ethics, member: `ethics/commonsense/cm_${part}.csv`, part, format: "csv" },
      })),
    },
    row: (record) =>
      String(record.is_short).toLowerCase() === "true" ? classRow("input", "label")(record) : null,
  },
  sst2: {
    ...{ title: "SST-2", topic: "Sentiment", labels: ["negative", "positive"], rows: 68_221 },
    ...glue("sst2"),
    row: classRow("sentence", "label"),
  },
  cola: {
    ...{ title: "CoLA", topic: "Acceptability", labels: ["unacceptable", "acceptable"] },
    ...{ rows: 9_594, ...glue("cola") },
    row: classRow("sentence", "label"),
  },
  rte: {
    ...{ title: "RTE", topic: "Entailment", labels: ["entailment", "not_entailment"] },
    ...{ rows: 2_767, ...glue("rte") },
    row: pairRow("sentence1", "sentence2"),
  },
  mrpc: {
    ...{ title: "MRPC", topic: "Paraphrase", labels: ["not_equivalent", "equivalent"] },
    ...{ rows: null, ...glue("mrpc", { test: "test" }) },
    row: pairRow("sentence1", "sentence2"),
  },
  qqp: {
    ...{ title: "QQP", topic: "Paraphrase", labels: ["not_duplicate", "duplicate"] },
    ...{ rows: 404_276, ...glue("qqp") },
    row: pairRow("question1", "question2"),
  },
  trec: {
    ...{ title: "TREC questions", topic: "Question type", task: "classification" },
    ...{ labels: ["ABBR", "ENTY", "DESC", "HUM", "LOC", "NUM"], licence: "not stated" },
    ...{ rows: 5_952, home: `${trec}/` },
    from: {
      kind: "url",
      files: [
        { url: `${trec}/train_5500.label`, part: "train", format: "labelled", encoding: "latin-1" },
        { url: `${trec}/TREC_10.label`, part: "test", format: "labelled", encoding: "latin-1" },
      ],
    },
    row: trecRow(["ABBR", "ENTY", "DESC", "HUM", "LOC", "NUM"]),
  },
  subj: {
    ...{ title: "SUBJ", topic: "Subjectivity", task: "classification" },
    ...{ labels: ["objective", "subjective"], licence: "not stated", rows: 10_000 },
    home: `${subjectivity}/`,
    from: {
      kind: "url",
      files: (["plot", "quote"] as const).map((kind, label) => ({
        ...{ url: `${subjectivity}/rotten_imdb.tar.gz`, member: `${kind}.tok.gt9.5000` },
        ...{ part: null, format: "lines", encoding: "latin-1", add: { label } },
      })),
    },
    row: classRow("text", "label"),
  },
  "sentence-length": sentEval("sentence_length", "SentLen"),
  "word-content": sentEval("word_content", "WC"),
  "tree-depth": sentEval("tree_depth", "TreeDepth"),
  "top-constituents": sentEval("top_constituents", "TopConst"),
  "bigram-shift": sentEval("bigram_shift", "BShift"),
  "past-present": sentEval("past_present", "Tense"),
  "subj-number": sentEval("subj_number", "SubjNum"),
  "obj-number": sentEval("obj_number", "ObjNum"),
  "odd-man-out": sentEval("odd_man_out", "SOMO"),
  "coordination-inversion": sentEval("coordination_inversion", "CoordInv"),
} as const satisfies Readonly<Record<string, DataSource>>;
