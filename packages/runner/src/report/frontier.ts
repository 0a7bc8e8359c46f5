/** @file The frontier of accuracy and selectivity: probes that no other one beats in both (Pimentel et al. 2020). */

import type { Store } from "../store/index.ts";
import { experimentKey } from "../store/runs.ts";
import { type Html, html } from "./html.ts";

/** A trial whose control task was probed too. */
export type SelectiveTrial = {
  readonly dataset: string;
  readonly model: string;
  readonly layer: string | null;
  readonly token: string | null;
  /** With the options that are not defaults, which say its capacity: "mlp hidden=[16]". */
  readonly classifier: string;
  readonly accuracy: number;
  readonly controlAccuracy: number;
  readonly selectivity: number;
};

/** Of each dataset and model the trials that no other has both a higher accuracy and a higher selectivity than, most accurate first. */
export function readFrontier(store: Store, experiment: string): readonly SelectiveTrial[] {
  const trials = store.sqlite
    .prepare<[number], SelectiveTrial>(
      `select datasets.name as dataset, models.name as model, trials.layer, trials.token,
         trim(trials.classifier || ' ' || trials.options) as classifier,
         task.mean as accuracy, control.mean as controlAccuracy, selective.mean as selectivity
       from experiment_trials
       join trials on trials.key = experiment_trials.trial
       join datasets on datasets.id = trials.dataset
       join models on models.id = trials.model
       join summaries task on task.trial = trials.key and task.metric = 'accuracy'
       join summaries control on control.trial = trials.key and control.metric = 'controlAccuracy'
       join summaries selective on selective.trial = trials.key and selective.metric = 'selectivity'
       where experiment_trials.experiment = ?
       order by dataset, model, accuracy desc, selectivity desc, trials.key`,
    )
    .all(experimentKey(store, experiment));
  const highest = new Map<string, number>();
  return trials.filter(({ dataset, model, selectivity }) => {
    const key = JSON.stringify([dataset, model]);
    if (selectivity <= (highest.get(key) ?? Number.NEGATIVE_INFINITY)) return false;
    highest.set(key, selectivity);
    return true;
  });
}

/** The frontier as a table; nothing where no control task was probed. */
export function frontier(store: Store, experiment: string): Html | null {
  const rows = readFrontier(store, experiment);
  if (rows.length === 0) return null;
  return html`<h2>Accuracy and selectivity</h2><div class="wide"><table>
<tr><th>dataset</th><th>model</th><th>pooling</th><th>layer</th><th>classifier</th><th>accuracy</th><th>control task</th><th>selectivity</th></tr>
${rows.map(
  (
    row,
  ) => html`<tr><td>${row.dataset}</td><td>${row.model}</td><td>${row.token ?? ""}</td><td class="number">${row.layer ?? ""}</td><td>${row.classifier}</td>
<td class="number">${row.accuracy.toFixed(3)}</td><td class="number">${row.controlAccuracy.toFixed(3)}</td><td class="number">${row.selectivity.toFixed(3)}</td></tr>`,
)}</table></div>
<p>Probes that no other one of the same dataset and model beats in both. Selectivity is accuracy less that of the control task (Hewitt and Liang
2019): a probe of more capacity often gains in one what it loses in the other.</p>`;
}
