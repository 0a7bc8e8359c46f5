/** @file Scores as a table with coloured cells: a row per pooling and classifier, a column per layer. */

import { type Html, html } from "./html.ts";
import { intervalText } from "./layer-chart.ts";
import type { DatasetLines } from "./lines.ts";

const mostRows = 40;

/** The map; colours run from the lowest to the highest score shown. */
export function heatMap({ metric, lines }: DatasetLines): Html {
  const shown = lines.slice(0, mostRows);
  const points = shown.flatMap((line) => line.points);
  const layers = [...new Set(points.map(({ layer }) => layer))].sort((a, b) => a - b);
  const low = Math.min(...points.map(({ mean }) => mean));
  const high = Math.max(...points.map(({ mean }) => mean));
  return html`<div class="wide"><table class="heat"><caption>${metric}, mean over the folds</caption>
<tr><th>layer</th>${layers.map((layer) => html`<th>${layer}</th>`)}</tr>
${shown.map(
  ({ label, points }) =>
    html`<tr><th>${label}</th>${layers.map((layer) => {
      const point = points.find((one) => one.layer === layer);
      if (!point) return html`<td>–</td>`;
      const share = high > low ? (point.mean - low) / (high - low) : 1;
      const told = `layer ${layer}: ${point.mean.toFixed(3)}${intervalText(point)}`;
      return html`<td style="${cellStyle(share)}" title="${told}">${point.mean.toFixed(2)}</td>`;
    })}</tr>`,
)}
</table></div>
${lines.length > shown.length && html`<p>${lines.length - shown.length} more rows scored lower and are not shown.</p>`}`;
}

/** From a pale to a dark blue, with ink that can be read on it. */
function cellStyle(share: number): string {
  const light = Math.round(96 - 62 * share);
  return `background:hsl(215 70% ${light}%);color:${light < 62 ? "#fff" : "#000"}`;
}
