/** @file Columns of the table of trials: a closed list, since their names arrive in URLs and leave in SQL. */

import type { Axis } from "./axes.ts";

/** Columns of metrics that only some experiments ask for; offered where the store has them. */
export const extraMetrics = [
  "selectivity",
  "controlAccuracy",
  "permutationP",
  "descriptionLength",
  "compression",
] as const satisfies readonly ColumnName[];

/** Per column: its heading, what it is sorted by, its width, how it reads. */
export const columns = {
  score: { label: "Score", sort: { score: "mean" }, width: 92, kind: "score" },
  low: { label: "95 % low", sort: { score: "low" }, width: 92, kind: "score" },
  high: { label: "95 % high", sort: { score: "high" }, width: 96, kind: "score" },
  gain: { label: "Over layer 0", sort: "gain", width: 110, kind: "gain" },
  std: { label: "Std", sort: { score: "std" }, width: 84, kind: "score" },
  itemLow: { label: "95 % low, items", sort: { score: "itemLow" }, width: 126, kind: "score" },
  itemHigh: { label: "95 % high, items", sort: { score: "itemHigh" }, width: 130, kind: "score" },
  selectivity: { label: "Selectivity", sort: { metric: "selectivity" }, width: 100, kind: "score" },
  controlAccuracy: {
    label: "Control accuracy",
    sort: { metric: "controlAccuracy" },
    width: 134,
    kind: "score",
  },
  permutationP: {
    label: "Permutation p",
    sort: { metric: "permutationP" },
    width: 122,
    kind: "score",
  },
  descriptionLength: {
    label: "Bits",
    sort: { metric: "descriptionLength" },
    width: 84,
    kind: "count",
  },
  compression: { label: "Compression", sort: { metric: "compression" }, width: 110, kind: "score" },
  dataset: { label: "Dataset", sort: { text: "dataset" }, width: 150, kind: "text" },
  model: { label: "Model", sort: { text: "model" }, width: 170, kind: "text" },
  layer: { label: "Layer", sort: "layerIndex", width: 74, kind: "text" },
  layerMethod: { label: "Layer method", sort: { text: "layerMethod" }, width: 116, kind: "text" },
  token: { label: "Token pooling", sort: { text: "token" }, width: 128, kind: "text" },
  classifier: { label: "Classifier", sort: { text: "classifier" }, width: 130, kind: "text" },
  options: { label: "Options", sort: { text: "options" }, width: 130, kind: "text" },
  seed: { label: "Seed", sort: "seed", width: 70, kind: "count" },
  folds: { label: "Folds", sort: { score: "folds" }, width: 70, kind: "count" },
  state: { label: "State", sort: { trial: "state" }, width: 96, kind: "state" },
  seconds: { label: "Seconds", sort: { trial: "seconds" }, width: 92, kind: "seconds" },
  finished: { label: "Finished", sort: { trial: "finishedAt" }, width: 150, kind: "time" },
  parameters: { label: "Parameters", sort: "parameters", width: 110, kind: "count" },
  flags: { label: "Flags", sort: { trial: "flags" }, width: 150, kind: "text" },
  error: { label: "Error", sort: { trial: "error" }, width: 260, kind: "text" },
  trial: { label: "Trial", sort: { trial: "id" }, width: 150, kind: "id" },
} as const satisfies Record<string, Column>;

/** A summary of the metric on screen, the mean of another one, the words of an axis, a field of the trial, or what has its own way. */
export type SortKey =
  | { readonly score: "mean" | "std" | "folds" | "low" | "high" | "itemLow" | "itemHigh" }
  | { readonly metric: string }
  | { readonly text: Axis }
  | { readonly trial: "state" | "seconds" | "finishedAt" | "flags" | "error" | "id" }
  | "gain"
  | "layerIndex"
  | "seed"
  | "parameters";

export type Column = {
  readonly label: string;
  readonly sort: SortKey;
  readonly width: number;
  readonly kind: "score" | "gain" | "text" | "count" | "state" | "seconds" | "time" | "id";
};
export type ColumnName = keyof typeof columns;
export const columnNames = Object.keys(columns) as readonly ColumnName[] as ColumnName[];

/** What the table shows until someone chooses. */
export const usualColumns: readonly ColumnName[] = [
  "score",
  "low",
  "high",
  "gain",
  "dataset",
  "model",
  "layer",
  "layerMethod",
  "token",
  "classifier",
  "options",
  "state",
  "seconds",
  "trial",
];
