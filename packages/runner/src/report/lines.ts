/** @file The scores of an experiment as lines over the layers, one list per dataset. */

import {
  type BestLayer,
  bestFirst,
  leadingMetrics,
  readBestLayers,
  type Store,
} from "../store/index.ts";
import { experimentKey } from "../store/runs.ts";
import { groupBy } from "./group-by.ts";

/** One score of a line. */
export type LayerPoint = {
  readonly layer: number;
  readonly mean: number;
  readonly low: number | null;
  readonly high: number | null;
};

/** Scores over single layers of one model, token pooling and classifier. */
export type LayerLine = { readonly label: string; readonly points: readonly LayerPoint[] };

/** Everything drawn of one dataset; lines best first. */
export type DatasetLines = {
  readonly dataset: string;
  readonly metric: string;
  readonly lines: readonly LayerLine[];
  /** The best score that looks at no text, where one is stored. */
  readonly baseline: { readonly name: string; readonly value: number } | null;
};

type Row = LayerPoint & {
  readonly dataset: string;
  readonly metric: string;
  readonly model: string;
  readonly token: string | null;
  readonly classifier: string;
};

/** Lines of every dataset, by its leading metric. */
export function readLines(store: Store, experiment: string): readonly DatasetLines[] {
  const best = readBestLayers(store, experiment);
  const byDataset = groupBy(readRows(store, experiment), ({ dataset }) => dataset);
  return [...byDataset].map(([dataset, rows]) => {
    const metric = rows[0]?.metric ?? "";
    const models = new Set(rows.map(({ model }) => model));
    const labelled = groupBy(rows, (row) =>
      [models.size > 1 ? row.model : null, row.token, row.classifier]
        .filter((part) => part !== null)
        .join(", "),
    );
    const lines = [...labelled].map(([label, points]) => ({ label, points }));
    const top = ({ points }: LayerLine): number => Math.max(...points.map(({ mean }) => mean));
    lines.sort((a, b) => top(b) - top(a));
    return { dataset, metric, lines, baseline: baselineOf(best, dataset) };
  });
}

function baselineOf(best: readonly BestLayer[], dataset: string): DatasetLines["baseline"] {
  const row = best.find((one) => one.dataset === dataset && one.baseline !== null);
  if (!row || row.baseline === null) return null;
  return { name: row.baselineName ?? "baseline", value: row.baseline };
}

function readRows(store: Store, experiment: string): readonly Row[] {
  const { classification, regression } = leadingMetrics;
  return store.sqlite
    .prepare<[object], Row>(
      `select datasets.name as dataset, models.name as model, trials.token,
         trim(trials.classifier || ' ' || trials.options) as classifier,
         trials.layerIndex as layer, summaries.metric, mean, low, high
       from experiment_trials
       join trials on trials.key = experiment_trials.trial
       join datasets on datasets.id = trials.dataset
       join models on models.id = trials.model
       join summaries on summaries.trial = trials.key and summaries.metric =
         case datasets.task when 'regression' then :regression else :classification end
       where experiment_trials.experiment = :experiment and trials.layerIndex is not null
         and trials.kind = 'probe'
       order by datasets.name, models.name, trials.layerIndex, ${bestFirst("summaries.metric", "mean")}`,
    )
    .all({ experiment: experimentKey(store, experiment), classification, regression });
}
