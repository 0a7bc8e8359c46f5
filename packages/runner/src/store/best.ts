/** @file Reads the table a run ends with: per dataset, model, pooling and classifier the best layer, beside its baseline. */

import { bestFirst, leadingMetrics } from "./metrics.ts";
import type { Store } from "./open.ts";
import { experimentKey } from "./runs.ts";

export type BestLayer = {
  readonly trial: string;
  readonly dataset: string;
  readonly model: string;
  readonly layerMethod: string | null;
  readonly token: string | null;
  /** With the options that are not defaults: "logistic c=0.1". */
  readonly classifier: string;
  readonly seed: number | null;
  /** An index into hidden_states where the pooling reads one layer, else as written. */
  readonly layer: number | string | null;
  /** How many layers it was chosen from. */
  readonly layers: number;
  readonly metric: string;
  readonly mean: number;
  readonly std: number | null;
  readonly low: number | null;
  readonly high: number | null;
  /** Interval over items, of the score of all out-of-fold predictions together. */
  readonly itemLow: number | null;
  readonly itemHigh: number | null;
  /** Remarks on the trial, such as "not converged". */
  readonly flags: readonly string[];
  /** Mean score of the best predictor that looks at no text, and its name; null where none is stored. */
  readonly baseline: number | null;
  readonly baselineName: string | null;
};

/**
 * Best layer of each dataset x model x layer method x token x classifier x seed of an experiment, in the order planned.
 * Single layers share one line, any other pooling is its own; of equal scores the lowest layer stands.
 * `metric` is accuracy or R2, by task, when not given.
 * Lines are found with narrow rows; what is shown of a trial is read for the best ones only.
 */
export function readBestLayers(
  store: Store,
  experiment: string,
  metric: string | null = null,
): readonly BestLayer[] {
  const { classification, regression } = leadingMetrics;
  const rows = store.sqlite
    .prepare<
      unknown[],
      Omit<BestLayer, "flags"> & { layerIndex: number | null; flags: string | null }
    >(
      `with candidates as (
         select trials.key, summaries.metric, row_number() over line as place,
           count(*) over line as layers, min(trials.key) over line as first
         from experiment_trials
         join trials on trials.key = experiment_trials.trial
         join datasets on datasets.id = trials.dataset
         join summaries on summaries.trial = trials.key and summaries.metric =
           coalesce(:metric, case datasets.task when 'regression' then :regression else :classification end)
         where experiment_trials.experiment = :experiment
         window line as (
           partition by trials.dataset, trials.model, trials.layerMethod, trials.token,
             trials.classifier, trials.options, trials.seed, trials.split,
             case when trials.layerIndex is null then trials.layer end
           order by ${bestFirst("summaries.metric", "summaries.mean")}, trials.layerIndex, trials.key
           rows between unbounded preceding and unbounded following)),
       baseline as (
         select split, metric, name, value, row_number() over (
           partition by split, metric order by ${bestFirst("metric", "value")}, name) as place
         from (select split, metric, name, avg(value) as value from baselines group by split, metric, name))
       select trials.id as trial, datasets.name as dataset, models.name as model,
         trials.layerMethod, trials.token,
         trim(trials.classifier || ' ' || trials.options) as classifier, trials.seed, trials.layer,
         trials.layerIndex, candidates.layers, candidates.metric, summaries.mean, summaries.std,
         summaries.low, summaries.high, summaries.itemLow, summaries.itemHigh, trials.flags,
         baseline.value as baseline, baseline.name as baselineName
       from candidates
       join trials on trials.key = candidates.key
       join datasets on datasets.id = trials.dataset
       join models on models.id = trials.model
       join summaries on summaries.trial = candidates.key and summaries.metric = candidates.metric
       left join baseline on baseline.split = trials.split
         and baseline.metric = candidates.metric and baseline.place = 1
       where candidates.place = 1
       order by first`,
    )
    .all({ experiment: experimentKey(store, experiment), metric, classification, regression });
  return rows.map(({ layerIndex, flags, ...row }) =>
    Object.freeze({
      ...row,
      layer: layerIndex ?? row.layer,
      flags: Object.freeze(JSON.parse(flags ?? "[]")),
    }),
  );
}
