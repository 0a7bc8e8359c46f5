/** @file Scores over layers as an SVG: lines with their intervals, and the baseline. */

import { type Html, html } from "./html.ts";
import type { DatasetLines, LayerLine, LayerPoint } from "./lines.ts";

const width = 720;
const height = 300;
const margin = { left: 48, right: 12, top: 12, bottom: 36 } as const;
const mostLines = 8;

/** Colours of Okabe and Ito, told apart with any kind of colour vision. */
const colours = [
  ...["#0072b2", "#d55e00", "#009e73", "#cc79a7"],
  ...["#e69f00", "#56b4e9", "#7f7f7f", "#8c564b"],
] as const;

/** The chart with its legend; says how many lines it leaves out. */
export function layerChart({ dataset, metric, lines, baseline }: DatasetLines): Html {
  const shown = lines.slice(0, mostLines);
  const points = shown.flatMap((line) => line.points);
  const layers = [...new Set(points.map(({ layer }) => layer))].sort((a, b) => a - b);
  const values = points.flatMap(({ mean, low, high }) => [low ?? mean, high ?? mean, mean]);
  const range = rangeOf(baseline === null ? values : [...values, baseline.value]);
  const x = (layer: number): number => {
    const share = layers.length < 2 ? 0.5 : layers.indexOf(layer) / (layers.length - 1);
    return Math.round(margin.left + share * (width - margin.left - margin.right));
  };
  const y = (value: number): number => {
    const share = (value - range.low) / (range.high - range.low);
    return (
      Math.round((height - margin.bottom - share * (height - margin.top - margin.bottom)) * 10) / 10
    );
  };
  const every = Math.ceil(layers.length / 24);
  return html`<p class="soft">${metric}, mean over the folds; bars are 95 % intervals</p><figure>
<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${metric} by layer, ${dataset}">
${ticksOf(range).map(
  (
    value,
  ) => html`<line class="grid" x1="${margin.left}" x2="${width - margin.right}" y1="${y(value)}" y2="${y(value)}"/>
<text x="${margin.left - 6}" y="${y(value) + 4}" text-anchor="end">${value.toFixed(2)}</text>`,
)}
${layers
  .filter((_, i) => i % every === 0)
  .map(
    (layer) =>
      html`<text x="${x(layer)}" y="${height - margin.bottom + 16}" text-anchor="middle">${layer}</text>`,
  )}
<text x="${width / 2}" y="${height - 4}" text-anchor="middle">layer (0 is the embedding)</text>
${baseline && html`<line class="baseline" x1="${margin.left}" x2="${width - margin.right}" y1="${y(baseline.value)}" y2="${y(baseline.value)}"/>`}
${shown.map((line, i) => drawLine(line, { colour: colours[i] ?? "#000", x, y }))}
</svg>
<figcaption>${shown.map(({ label }, i) => html`<span><i style="background:${colours[i] ?? "#000"}"></i>${label}</span>`)}
${baseline && html`<span><i class="dash"></i>baseline: ${baseline.name} ${baseline.value.toFixed(3)}</span>`}
${lines.length > shown.length && html`<span>${lines.length - shown.length} more lines scored lower and are not drawn</span>`}
</figcaption></figure>`;
}

type Scales = {
  readonly colour: string;
  readonly x: (layer: number) => number;
  readonly y: (value: number) => number;
};

function drawLine({ label, points }: LayerLine, { colour, x, y }: Scales): Html {
  const path = points.map(({ layer, mean }, i) => `${i === 0 ? "M" : "L"}${x(layer)} ${y(mean)}`);
  const told = (point: LayerPoint): string =>
    `${label}, layer ${point.layer}: ${point.mean.toFixed(3)}${intervalText(point)}`;
  return html`<path d="${path.join("")}" fill="none" stroke="${colour}" stroke-width="2"/>
${points.map(
  (
    point,
  ) => html`${point.low !== null && point.high !== null && html`<line stroke="${colour}" stroke-opacity="0.35" x1="${x(point.layer)}" x2="${x(point.layer)}" y1="${y(point.low)}" y2="${y(point.high)}"/>`}
<circle cx="${x(point.layer)}" cy="${y(point.mean)}" r="3" fill="${colour}"><title>${told(point)}</title></circle>`,
)}`;
}

/** " (0.810 to 0.853)", nothing where there is no interval. */
export function intervalText(point: Pick<LayerPoint, "low" | "high">): string {
  const range = rangeText(point);
  return range === "" ? "" : ` (${range})`;
}

/** "0.810 to 0.853", nothing where there is no interval. */
export function rangeText({ low, high }: Pick<LayerPoint, "low" | "high">): string {
  return low === null || high === null ? "" : `${low.toFixed(3)} to ${high.toFixed(3)}`;
}

type Range = { readonly low: number; readonly high: number };

function rangeOf(values: readonly number[]): Range {
  const low = Math.min(...values);
  const high = Math.max(...values);
  const room = Math.max(0.01, (high - low) * 0.05);
  return { low: low - room, high: high + room };
}

/** Round numbers, at most eight. */
function ticksOf({ low, high }: Range): readonly number[] {
  const steps = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 50, 100, 1000];
  const step = steps.find((one) => (high - low) / one <= 8) ?? (high - low) / 8;
  const first = Math.ceil(low / step);
  const count = Math.max(0, Math.floor(high / step) - first + 1);
  return Array.from({ length: count }, (_, i) => (first + i) * step);
}
