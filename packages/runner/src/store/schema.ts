/** @file Tables of the store. Times are milliseconds since 1970; ids are content hashes; keys are row numbers. */

import { sql } from "drizzle-orm";
import {
  blob,
  check,
  index,
  integer,
  primaryKey,
  real,
  sqliteTable,
  text,
  uniqueIndex,
} from "drizzle-orm/sqlite-core";

/** States of a trial. `done` and `failed` are finished; a finished trial changes only by a retry of a failed one. */
export const trialStates = ["pending", "running", "done", "failed"] as const;
export type TrialState = (typeof trialStates)[number];

/** Kinds of work a trial can be; one job per kind. */
export const trialKinds = ["probe", "finetune", "attribute"] as const;
export type TrialKind = (typeof trialKinds)[number];

/** A question and a grid: one experiment file. */
export const experiments = sqliteTable("experiments", {
  key: integer().primaryKey({ autoIncrement: true }),
  name: text().notNull().unique(),
  kind: text({ enum: trialKinds }).notNull(),
  question: text(),
  /** The validated experiment, defaults filled in, as canonical JSON. */
  spec: text().notNull(),
  /** The file it was read from, as given. */
  source: text(),
  note: text(),
  createdAt: integer().notNull(),
});

export const experimentTags = sqliteTable(
  "experiment_tags",
  {
    experiment: integer()
      .notNull()
      .references(() => experiments.key),
    tag: text().notNull(),
  },
  (table) => [primaryKey({ columns: [table.experiment, table.tag] })],
);

/** One invocation of `probegrid run`, so that state, duration and environment can be told. */
export const runs = sqliteTable(
  "runs",
  {
    key: integer().primaryKey({ autoIncrement: true }),
    experiment: integer()
      .notNull()
      .references(() => experiments.key),
    command: text().notNull(),
    device: text().notNull(),
    workers: integer().notNull(),
    pid: integer().notNull(),
    host: text().notNull(),
    environment: text()
      .notNull()
      .references(() => environments.id),
    startedAt: integer().notNull(),
    /** Refreshed about once a second while the run lives. */
    seenAt: integer().notNull(),
    finishedAt: integer(),
    /** How it ended: done (nothing failed), failed (some trial did), stopped (interrupted); null while running. */
    outcome: text({ enum: ["done", "failed", "stopped"] }),
  },
  (table) => [index("runs_by_experiment").on(table.experiment)],
);

/** Live progress of a run, one row per stage. */
export const progress = sqliteTable(
  "progress",
  {
    run: integer()
      .notNull()
      .references(() => runs.key),
    stage: text({ enum: ["finetune", "encode", "probe", "attribute"] }).notNull(),
    done: integer().notNull(),
    failed: integer().notNull(),
    total: integer().notNull(),
    /** What is counted: tokens, trials, steps, examples. */
    unit: text().notNull(),
    /** Units per second over the last minute. */
    rate: real(),
    /** Estimated seconds left in this stage. */
    secondsLeft: real(),
    updatedAt: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.run, table.stage] })],
);

/** Versions, device and machine under which something was computed; id = hash of the details. */
export const environments = sqliteTable("environments", {
  id: text().primaryKey(),
  details: text().notNull(),
});

/** A dataset by content: two files with the same rows are the same dataset. */
export const datasets = sqliteTable("datasets", {
  id: text().primaryKey(),
  name: text().notNull(),
  path: text().notNull(),
  task: text({ enum: ["classification", "regression"] }).notNull(),
  rows: integer().notNull(),
  /** JSON array of class names in class order, null for regression. */
  labels: text(),
  /** Class index (Int32) or target (Float32) of each row, little-endian. */
  targets: blob({ mode: "buffer" }).notNull(),
  /** What was found while reading: empty texts, duplicates, class counts; JSON. */
  findings: text().notNull(),
});

/** A checkpoint by content. */
export const models = sqliteTable("models", {
  id: text().primaryKey(),
  name: text().notNull(),
  path: text().notNull(),
  architecture: text().notNull(),
  layers: integer().notNull(),
  width: integer().notNull(),
  parameters: integer().notNull(),
  dtype: text().notNull(),
  revision: text(),
  bytes: integer().notNull(),
});

/** Hidden states of one model on one dataset, pooled; the features lie in the cache. */
export const encodings = sqliteTable("encodings", {
  id: text().primaryKey(),
  dataset: text()
    .notNull()
    .references(() => datasets.id),
  model: text()
    .notNull()
    .references(() => models.id),
  texts: integer().notNull(),
  tokens: integer().notNull(),
  truncated: integer().notNull(),
  bytes: integer().notNull(),
  seconds: real().notNull(),
  finishedAt: integer().notNull(),
  environment: text()
    .notNull()
    .references(() => environments.id),
});

/** How rows are divided; id = hash of the dataset and the fold spec. */
export const splits = sqliteTable("splits", {
  id: text().primaryKey(),
  dataset: text()
    .notNull()
    .references(() => datasets.id),
  spec: text().notNull(),
  folds: integer().notNull(),
});

/** One fold of a split: for each row of the dataset a byte, 0 unused, 1 train, 2 validation, 3 test. */
export const splitFolds = sqliteTable(
  "split_folds",
  {
    split: text()
      .notNull()
      .references(() => splits.id),
    fold: integer().notNull(),
    roles: blob({ mode: "buffer" }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.split, table.fold] })],
);

/** Score of a predictor that looks at no text, per split, metric and fold. */
export const baselines = sqliteTable(
  "baselines",
  {
    split: text()
      .notNull()
      .references(() => splits.id),
    name: text().notNull(),
    metric: text().notNull(),
    fold: integer().notNull(),
    value: real().notNull(),
  },
  (table) => [primaryKey({ columns: [table.split, table.name, table.metric, table.fold] })],
);

/** One point of a grid. Axes that charts group by are columns; everything is in `spec`. */
export const trials = sqliteTable(
  "trials",
  {
    key: integer().primaryKey({ autoIncrement: true }),
    /** Hash of the canonical spec. */
    id: text().notNull(),
    kind: text({ enum: trialKinds }).notNull(),
    dataset: text()
      .notNull()
      .references(() => datasets.id),
    model: text()
      .notNull()
      .references(() => models.id),
    split: text().references(() => splits.id),
    /** As shown: "3", "all", "9,10,11". */
    layer: text(),
    /** Set when the pooling reads one single layer: its index into hidden_states. */
    layerIndex: integer(),
    layerMethod: text(),
    token: text(),
    /** Name of the classifier (probe), the head (finetune) or the method (attribute). */
    classifier: text().notNull(),
    /** Options of the classifier that are not defaults, as shown: "c=0.1"; empty when all are. */
    options: text().notNull(),
    seed: integer(),
    spec: text().notNull(),
    state: text({ enum: trialStates }).notNull(),
    attempts: integer().notNull().default(0),
    error: text(),
    stack: text(),
    startedAt: integer(),
    finishedAt: integer(),
    /** Time spent computing this trial (its share, where trials are computed together). */
    seconds: real(),
    environment: text().references(() => environments.id),
    /** Flags worth a badge, JSON array: "not converged", "hit iteration limit". */
    flags: text(),
  },
  (table) => [
    uniqueIndex("trials_by_id").on(table.id),
    check("trials_state", sql`${table.state} in ('pending', 'running', 'done', 'failed')`),
    index("trials_by_state").on(table.state),
    index("trials_by_dataset_model").on(table.dataset, table.model),
  ],
);

/** The trial that a row belongs to. */
const ofTrial = () =>
  integer()
    .notNull()
    .references(() => trials.key);

/** Which trials an experiment consists of; a trial may belong to several. */
export const experimentTrials = sqliteTable(
  "experiment_trials",
  {
    experiment: integer()
      .notNull()
      .references(() => experiments.key),
    trial: ofTrial(),
  },
  (table) => [
    primaryKey({ columns: [table.experiment, table.trial] }),
    index("experiment_trials_by_trial").on(table.trial),
  ],
);

/** Scores in long form. */
export const scores = sqliteTable(
  "scores",
  {
    trial: ofTrial(),
    metric: text().notNull(),
    fold: integer().notNull(),
    value: real().notNull(),
  },
  (table) => [primaryKey({ columns: [table.trial, table.metric, table.fold] })],
);

/**
 * Mean, spread and interval of a trial's metric. `low` and `high` are over folds (Nadeau and Bengio); with one fold there
 * is no spread, so they are null. `itemLow` and `itemHigh` are over items (bootstrap; DeLong for auc) and belong to
 * `itemScore`, the score of all out-of-fold predictions together; null where predictions do not determine the metric.
 */
export const summaries = sqliteTable(
  "summaries",
  {
    trial: ofTrial(),
    metric: text().notNull(),
    folds: integer().notNull(),
    mean: real().notNull(),
    std: real(),
    low: real(),
    high: real(),
    itemScore: real(),
    itemLow: real(),
    itemHigh: real(),
  },
  (table) => [
    primaryKey({ columns: [table.trial, table.metric] }),
    index("summaries_by_metric").on(table.metric, table.trial),
  ],
);

/** Out-of-fold predictions, in the order of the fold's test rows. */
export const predictions = sqliteTable(
  "predictions",
  {
    trial: ofTrial(),
    fold: integer().notNull(),
    /** Int32 class indices, or Float32 values for regression. */
    predicted: blob({ mode: "buffer" }).notNull(),
    /** Float32 score of class 1 per test row, binary tasks only. */
    scores: blob({ mode: "buffer" }),
  },
  (table) => [primaryKey({ columns: [table.trial, table.fold] })],
);

/** Losses of probes and fine-tunings that are trained by gradient, per epoch. */
export const losses = sqliteTable(
  "losses",
  {
    trial: ofTrial(),
    fold: integer().notNull(),
    part: text({ enum: ["train", "validation", "test"] }).notNull(),
    epoch: integer().notNull(),
    value: real().notNull(),
  },
  (table) => [primaryKey({ columns: [table.trial, table.fold, table.part, table.epoch] })],
);

/** Curves of fine-tunings: one point per evaluation, written while the trial runs. */
export const curves = sqliteTable(
  "curves",
  {
    trial: ofTrial(),
    part: text({ enum: ["train", "validation"] }).notNull(),
    /** loss, accuracy, macroF1, mse, mae, r2, learningRate. */
    metric: text().notNull(),
    /** 1, 2, 3, ...: the epoch, unless evaluations come more often. */
    evaluation: integer().notNull(),
    /** Epochs done, with the fraction of the one under way. */
    epoch: real().notNull(),
    /** Updates done. */
    step: integer().notNull(),
    value: real().notNull(),
  },
  (table) => [primaryKey({ columns: [table.trial, table.part, table.metric, table.evaluation] })],
);

/** The control task of a dataset: a label for each type of one designated word, drawn once for training and test rows alike. */
export const controlTasks = sqliteTable(
  "control_tasks",
  {
    dataset: text()
      .notNull()
      .references(() => datasets.id),
    seed: integer().notNull(),
    /** Which word of a text is meant: "first", "second", "third" or "last". */
    word: text().notNull(),
    /** JSON object: the class of each type. */
    labels: text().notNull(),
    /** Class index (Int32) of each row. */
    targets: blob({ mode: "buffer" }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.dataset, table.seed] })],
);

/** Blocks of online codes: what transmitting the labels of each block costs, with a probe trained on those before it. */
export const codeBlocks = sqliteTable(
  "code_blocks",
  {
    trial: ofTrial(),
    /** 0, 1, ...: which random order of the rows. */
    shuffle: integer().notNull(),
    block: integer().notNull(),
    /** Rows sent before this block, which its probe was trained on. */
    trained: integer().notNull(),
    rows: integer().notNull(),
    bits: real().notNull(),
  },
  (table) => [primaryKey({ columns: [table.trial, table.shuffle, table.block] })],
);

/** What one attribution method says about one row of a dataset, and how faithful it is there. */
export const attributions = sqliteTable(
  "attributions",
  {
    trial: ofTrial(),
    /** Row of the dataset, from 0. */
    row: integer().notNull(),
    /** The class (or unit, or word) that was explained, and the one that was predicted. */
    target: text().notNull(),
    predicted: text().notNull(),
    /** The explained number. */
    logit: real(),
    /** Completeness or conservation gap, where the method promises a sum. */
    residual: real(),
    /** JSON array of the tokens as the vocabulary spells them. */
    tokens: text().notNull(),
    /** Int32 word of each token, -1 at special tokens. */
    words: blob({ mode: "buffer" }).notNull(),
    /** Float32 score per token; null where the row could not be explained. */
    scores: blob({ mode: "buffer" }),
    /** JSON array of hidden states, and Float32 [layers, tokens] of their scores, for methods that have them. */
    layers: text(),
    layerScores: blob({ mode: "buffer" }),
    /** JSON: comprehensiveness, sufficiency, areas, deletion curve, infidelity, maxSensitivity, details. */
    measures: text(),
    /** JSON array of warnings. */
    marks: text(),
    /** Why the row could not be explained. */
    error: text(),
  },
  (table) => [primaryKey({ columns: [table.trial, table.row] })],
);

/** The words that a keyword of a class attends to in its texts: context clouds. */
export const contexts = sqliteTable(
  "contexts",
  {
    /** Whose scores made the word a keyword. */
    trial: ofTrial(),
    label: text().notNull(),
    keyword: text().notNull(),
    /** Which layer's attention, from 0. */
    layer: integer().notNull(),
    /** How often the keyword occurs in the texts of the class. */
    occurrences: integer().notNull(),
    /** JSON array of pairs: a word and the mean attention it gets, strongest first. */
    words: text().notNull(),
  },
  (table) => [primaryKey({ columns: [table.trial, table.label, table.keyword] })],
);
