/** @file Columns of the table of trials: a closed list, since their names arrive in URLs and leave in SQL. */

/** SQL of another metric's mean of the same trial. */
function meanOf(metric: string): string {
  return `(select mean from main.summaries where trial = a.trial and metric = '${metric}')`;
}

/** Columns of metrics that only some experiments ask for; offered where the store has them. */
export const extraMetrics = [
  "selectivity",
  "controlAccuracy",
  "permutationP",
  "descriptionLength",
  "compression",
] as const satisfies readonly ColumnName[];

/** Per column: its heading, the SQL it is sorted by (`t` trials, `a` axes, `p` points; `gain` depends on the metric), its width, how it reads. */
export const columns = {
  score: { label: "Score", sort: "p.mean", width: 92, kind: "score" },
  low: { label: "Low", sort: "p.low", width: 84, kind: "score" },
  high: { label: "High", sort: "p.high", width: 84, kind: "score" },
  gain: { label: "Over layer 0", sort: "gain", width: 110, kind: "gain" },
  std: { label: "Std", sort: "p.std", width: 84, kind: "score" },
  itemLow: { label: "Low, items", sort: "p.itemLow", width: 96, kind: "score" },
  itemHigh: { label: "High, items", sort: "p.itemHigh", width: 96, kind: "score" },
  selectivity: { label: "Selectivity", sort: meanOf("selectivity"), width: 100, kind: "score" },
  controlAccuracy: {
    label: "Control accuracy",
    sort: meanOf("controlAccuracy"),
    width: 134,
    kind: "score",
  },
  permutationP: {
    label: "Permutation p",
    sort: meanOf("permutationP"),
    width: 122,
    kind: "score",
  },
  descriptionLength: {
    label: "Bits",
    sort: meanOf("descriptionLength"),
    width: 84,
    kind: "count",
  },
  compression: { label: "Compression", sort: meanOf("compression"), width: 110, kind: "score" },
  dataset: { label: "Dataset", sort: "wd.text", width: 150, kind: "text" },
  model: { label: "Model", sort: "wm.text", width: 170, kind: "text" },
  layer: { label: "Layer", sort: "a.layerIndex", width: 74, kind: "text" },
  layerMethod: { label: "Layer method", sort: "t.layerMethod", width: 116, kind: "text" },
  token: { label: "Token pooling", sort: "t.token", width: 128, kind: "text" },
  classifier: { label: "Classifier", sort: "t.classifier", width: 130, kind: "text" },
  options: { label: "Options", sort: "t.options", width: 130, kind: "text" },
  seed: { label: "Seed", sort: "t.seed", width: 70, kind: "count" },
  folds: { label: "Folds", sort: "p.folds", width: 70, kind: "count" },
  state: { label: "State", sort: "t.state", width: 96, kind: "state" },
  seconds: { label: "Seconds", sort: "t.seconds", width: 92, kind: "seconds" },
  finished: { label: "Finished", sort: "t.finishedAt", width: 150, kind: "time" },
  parameters: { label: "Parameters", sort: "m.parameters", width: 110, kind: "count" },
  flags: { label: "Flags", sort: "t.flags", width: 150, kind: "text" },
  error: { label: "Error", sort: "t.error", width: 260, kind: "text" },
  trial: { label: "Trial", sort: "t.id", width: 150, kind: "id" },
} as const satisfies Record<string, Column>;

export type Column = {
  readonly label: string;
  readonly sort: string;
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
