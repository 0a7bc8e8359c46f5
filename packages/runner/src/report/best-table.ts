/** @file The first table of a report: the best layer of every line of a probing grid; of other kinds every trial with its scores. */

import { type BestLayer, readBestLayers, readResults, type Store } from "../store/index.ts";
import { type Html, html } from "./html.ts";
import { rangeText } from "./layer-chart.ts";

/** What the experiment found, as a table with a heading and what a reader must know. */
export function bestTable(
  store: Store,
  { name, kind }: { readonly name: string; readonly kind: string },
): Html {
  if (kind === "probe") return bestLayers(readBestLayers(store, name));
  const trials = readTrials(store, name);
  if (trials.length === 0) return nothing;
  const metrics = [...new Set(trials.flatMap(({ scores }) => [...scores.keys()]))];
  const attribution = kind === "attribute";
  return html`<h2>${attribution ? "Methods" : "Trainings"}</h2>${table(trials, [
    { title: "dataset", cell: ({ dataset }) => dataset },
    { title: "model", cell: ({ model }) => model },
    { title: attribution ? "explained" : "pooling", cell: ({ token }) => token ?? "" },
    {
      ...{ title: attribution ? "method" : "head and knobs", look: "long" },
      cell: ({ classifier }) => classifier,
    },
    ...seedColumn(trials),
    ...metrics.map((metric): Column<Trial> => {
      const cell = ({ scores }: Trial) => scores.get(metric)?.toFixed(3) ?? "";
      return { title: metric, look: "number", cell };
    }),
  ])}
<p>${
    attribution
      ? "Means over texts; accuracy is that of the model that is explained. Words and agreement are in the report that the run wrote."
      : "Scores of the saved checkpoints on the rows held back, or on the validation rows where none are."
  }</p>`;
}

const nothing = html`<p>No trial is done yet.</p>`;

function bestLayers(rows: readonly BestLayer[]): Html {
  if (rows.length === 0) return nothing;
  return html`<h2>Best layers</h2>${table(rows, [
    { title: "dataset", cell: ({ dataset }) => dataset },
    { title: "model", cell: ({ model }) => model },
    {
      title: "pooling",
      cell: ({ token, layerMethod }) =>
        [token ?? "", ...(layerMethod === null ? [] : [`${layerMethod} of layers`])].join(", "),
    },
    { title: "classifier", cell: ({ classifier }) => classifier },
    ...seedColumn(rows),
    {
      ...{ title: "layer", look: "number" },
      cell: ({ layer, layers }) => (layers > 1 ? `${layer} of ${layers}` : String(layer ?? "")),
    },
    { title: "metric", cell: ({ metric }) => metric },
    { title: "mean", look: "number", cell: ({ mean }) => mean.toFixed(3) },
    { title: "95 % interval", cell: rangeText },
    {
      title: "baseline",
      cell: ({ baseline, baselineName }) =>
        baseline === null ? "" : `${baseline.toFixed(3)} (${baselineName})`,
    },
  ])}
<p>A best layer is chosen from several by the same folds that score it, so its mean is a little high. Intervals are
over folds, corrected for their shared training rows (Nadeau and Bengio).</p>`;
}

type Trial = {
  readonly dataset: string;
  readonly model: string;
  readonly token: string | null;
  readonly classifier: string;
  readonly seed: number | null;
  /** Mean by metric, without those of single classes. */
  readonly scores: Map<string, number>;
};

function readTrials(store: Store, experiment: string): readonly Trial[] {
  const trials = new Map<string, Trial>();
  for (const row of readResults(store, experiment)) {
    if (row.metric.startsWith("f1 ")) continue;
    const { dataset, model, token, classifier, seed } = row;
    const trial = trials.get(row.trial) ?? {
      ...{ dataset, model, token, classifier, seed },
      scores: new Map(),
    };
    trials.set(row.trial, trial);
    trial.scores.set(row.metric, row.mean);
  }
  return [...trials.values()];
}

type Column<Row> = {
  readonly title: string;
  readonly look?: "number" | "long";
  readonly cell: (row: Row) => string;
};

/** Only where there are several. */
function seedColumn<Row extends { readonly seed: number | null }>(
  rows: readonly Row[],
): readonly Column<Row>[] {
  if (new Set(rows.map(({ seed }) => seed)).size < 2) return [];
  return [{ title: "seed", look: "number", cell: ({ seed }) => String(seed ?? "") }];
}

/** Columns that are empty in every row are left out. */
function table<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): Html {
  const shown = columns.filter(({ cell }) => rows.some((row) => cell(row) !== ""));
  return html`<div class="wide"><table>
<tr>${shown.map(({ title }) => html`<th>${title}</th>`)}</tr>
${rows.map((row) => html`<tr>${shown.map(({ look, cell }) => (look === undefined ? html`<td>${cell(row)}</td>` : html`<td class="${look}">${cell(row)}</td>`))}</tr>\n`)}</table></div>`;
}
