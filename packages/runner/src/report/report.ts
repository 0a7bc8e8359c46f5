/** @file A report on one experiment: a single HTML file that needs no network and no script. */

import { formatCount, formatDuration, plural } from "../format.ts";
import {
  type ExperimentOverview,
  readExperiments,
  readResults,
  type Store,
  StoreError,
} from "../store/index.ts";
import { experimentKey } from "../store/runs.ts";
import { bestTable } from "./best-table.ts";
import { frontier } from "./frontier.ts";
import { heatMap } from "./heat-map.ts";
import { type Html, html } from "./html.ts";
import { layerChart, rangeText } from "./layer-chart.ts";
import { type DatasetLines, readLines } from "./lines.ts";
import { readMaterial } from "./material.ts";
import { style } from "./style.ts";

const mostRows = 2000; // of the table of every score

/** The whole report as text. `now` is the time it says it was made. */
export function makeReport(
  store: Store,
  { experiment, now }: { readonly experiment: string; readonly now: Date },
): string {
  experimentKey(store, experiment);
  const overview = readExperiments(store, now.getTime()).find(({ name }) => name === experiment);
  if (!overview) throw new StoreError("missing", `internal: no overview of ${experiment}`);
  const lines = readLines(store, experiment);
  const page = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${experiment} – Probegrid</title>${style}</head><body><main>
${headOf(overview, now)}
${bestTable(store, overview)}
${lines.map(sectionOf)}
${frontier(store, experiment)}
${failuresOf(store, experiment)}
${materialOf(store, experiment)}
${allOf(store, experiment)}
</main></body></html>
`;
  return page.text;
}

function headOf(overview: ExperimentOverview, now: Date): Html {
  const { name, question, state, counts, seconds, note, tags } = overview;
  const parts = [
    state,
    `${formatCount(counts.done)} of ${plural(counts.total, "trial")} done`,
    ...(counts.failed > 0 ? [`${formatCount(counts.failed)} failed`] : []),
    `${formatDuration(seconds)} of computing`,
    `written ${now.toISOString().slice(0, 16).replace("T", " ")} UTC`,
  ];
  return html`<h1>${name}</h1>${question !== null && html`<p class="question">${question}</p>`}
<p>${parts.join(" · ")}</p>
${tags.length > 0 && html`<p>tags: ${tags.join(", ")}</p>`}${note !== null && html`<p>${note}</p>`}`;
}

function sectionOf(lines: DatasetLines): Html {
  return html`<h2>${lines.dataset}</h2>${layerChart(lines)}${heatMap(lines)}`;
}

function failuresOf(store: Store, experiment: string): Html | null {
  const rows = store.sqlite
    .prepare<[number], { error: string; trials: number; example: string }>(
      `select coalesce(error, 'unknown') as error, count(*) as trials, min(id) as example from trials
       join experiment_trials on trial = key where experiment = ? and state = 'failed'
       group by error order by trials desc limit 20`,
    )
    .all(experimentKey(store, experiment));
  if (rows.length === 0) return null;
  return html`<h2>Failures</h2><div class="prose"><table><tr><th>trials</th><th>error</th><th>for example</th></tr>
${rows.map(({ error, trials, example }) => html`<tr><td class="number">${trials}</td><td>${error.slice(0, 500)}</td><td>${example}</td></tr>`)}</table></div>`;
}

function materialOf(store: Store, experiment: string): Html {
  return html`<h2>Material</h2>${readMaterial(store, experiment).map(
    ({ title, columns, rows }) =>
      html`<h3>${title}</h3><div class="wide"><table>${columns.length > 0 && html`<tr>${columns.map((name) => html`<th>${name}</th>`)}</tr>`}
${rows.map((cells) => html`<tr>${cells.map((cell) => html`<td>${cell}</td>`)}</tr>`)}</table></div>`,
  )}`;
}

function allOf(store: Store, experiment: string): Html {
  const rows: Html[] = [];
  let total = 0;
  for (const row of readResults(store, experiment)) {
    if (++total > mostRows) continue;
    const pooling = [row.layer, row.layerMethod, row.token].filter((part) => part !== null);
    rows.push(html`<tr><td>${row.trial}</td><td>${row.dataset}</td><td>${row.model}</td><td>${pooling.join(" ")}</td>
<td>${row.classifier}</td><td>${row.metric}</td><td class="number">${row.mean.toFixed(4)}</td><td>${rangeText(row)}</td><td class="number">${row.folds}</td></tr>`);
  }
  return html`<details><summary>Every score (${formatCount(total)})</summary>
${total > mostRows && html`<p>The first ${formatCount(mostRows)} of ${formatCount(total)}; probegrid results prints all.</p>`}
<div class="wide"><table><tr><th>trial</th><th>dataset</th><th>model</th><th>pooling</th><th>classifier</th><th>metric</th><th>mean</th><th>95 % interval</th><th>folds</th></tr>
${rows}</table></div></details>`;
}
