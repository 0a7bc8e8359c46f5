/** @file Reads the best finished trial of a split: what the others of the experiment are measured by. */

import { leadingMetrics } from "./metrics.ts";
import type { Store } from "./open.ts";

/** Id of the trial with the highest mean of the leading metric, and that metric by fold; null before any is done. */
export function readRival(
  store: Store,
  { experiment, split }: { readonly experiment: number; readonly split: string },
): { readonly trial: string; readonly scores: readonly number[] } | null {
  const { classification, regression } = leadingMetrics;
  const row = store.sqlite
    .prepare<unknown[], { trial: string; scores: string }>(
      `select trials.id as trial,
         (select json_group_array(value order by fold) from scores
          where scores.trial = trials.key and scores.metric = summaries.metric) as scores
       from experiment_trials
       join trials on trials.key = experiment_trials.trial
       join datasets on datasets.id = trials.dataset
       join summaries on summaries.trial = trials.key and summaries.metric =
         case datasets.task when 'regression' then '${regression}' else '${classification}' end
       where experiment_trials.experiment = ? and trials.split = ? and trials.state = 'done'
       order by summaries.mean desc, trials.key limit 1`,
    )
    .get(experiment, split);
  return row === undefined ? null : { trial: row.trial, scores: JSON.parse(row.scores) };
}
