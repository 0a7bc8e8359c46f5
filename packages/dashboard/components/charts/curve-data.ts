/** @file Where everything of a layer curve goes: the scales, shaded ranges, baselines, limits. */

import type { Curve, CurveLine } from "@/lib/curve";

/** Room around the plot, in pixels. */
const margin = { left: 48, right: 16, top: 24, bottom: 38 } as const;

/** The plot of a curve in a drawing of a certain size. */
export type Plot = {
  readonly width: number;
  readonly height: number;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  readonly range: readonly [low: number, high: number];
  /** Half the distance of two layers. */
  readonly half: number;
  /** Place of a layer from the left edge. */
  readonly across: (layer: string) => number;
  /** Place of a score from the top edge. */
  readonly up: (score: number) => number;
  /** The layer nearest to a place from the left edge. */
  readonly layerAt: (x: number) => string | undefined;
};

/** Lays a curve out; one layer alone stands in the middle. */
export function layOutPlot(curve: Curve, width: number, height: number): Plot {
  const { left, top } = margin;
  const [right, bottom] = [width - margin.right, height - margin.bottom];
  const range = domainOf(curve);
  const places = new Map(curve.layers.map((layer, i) => [layer, i]));
  const gaps = curve.layers.length - 1;
  const step = (right - left) / Math.max(1, gaps);
  return {
    ...{ width, height, left, right, top, bottom, range },
    half: step / 2,
    across: (layer) => (gaps === 0 ? (left + right) / 2 : left + (places.get(layer) ?? 0) * step),
    up: (score) => bottom - ((score - range[0]) / (range[1] - range[0])) * (bottom - top),
    layerAt: (x) =>
      curve.layers[Math.min(gaps, Math.max(0, Math.round(gaps === 0 ? 0 : (x - left) / step)))],
  };
}

/** Layers named on the axis: all, or every n-th where the names would touch; the last ones give way to n. */
export function namedLayers(layers: readonly string[], { half }: Plot): readonly string[] {
  const widest = Math.max(...layers.map((layer) => shownLayer(layer).length));
  const every = Math.ceil((widest * 7 + 10) / (half * 2));
  return layers.filter((_, i) => i % every === 0);
}

/** A layer's name as the axis shows it. */
export function shownLayer(layer: string): string {
  return layer.length > 14 ? `${layer.slice(0, 13)}…` : layer;
}

/** Neighbouring layers that tie with the best one, as ranges of the axis. */
export function tieAreas(
  line: CurveLine | undefined,
  layers: readonly string[],
): readonly [string, string][] {
  if (line?.ties == null || line.ties.length === 0) return [];
  const marked = new Set([...line.ties, line.best.layer]);
  const areas: [string, string][] = [];
  let open: [string, string] | null = null;
  for (const layer of layers) {
    if (!marked.has(layer)) open = null;
    else if (open !== null) open[1] = layer;
    else {
      open = [layer, layer];
      areas.push(open);
    }
  }
  return areas;
}

/** Baselines as drawn: those of the marked line's dataset; of lines that nearly coincide one has the label of all. */
export function baselineMarks(
  curve: Curve,
  dataset: string | undefined,
): readonly { readonly value: number; readonly label: string }[] {
  const [low, high] = domainOf(curve);
  const own = curve.baselines
    .filter((one) => dataset === undefined || one.dataset === dataset)
    .toSorted((a, b) => b.value - a.value);
  const datasets = new Set(own.map((one) => one.dataset)).size;
  const marks: { value: number; names: string[] }[] = [];
  let labelled: { value: number; names: string[] } | undefined;
  for (const { name, dataset: of, value } of own) {
    const told = datasets > 1 ? `${name}: ${of}` : name;
    const near = labelled !== undefined && labelled.value - value < 0.06 * (high - low);
    const mark = { value, names: near ? [] : [told] };
    if (near) labelled?.names.push(told);
    else labelled = mark;
    marks.push(mark);
  }
  return marks.map(({ value, names }) => {
    const shown = names.length > 3 ? [...names.slice(0, 2), `${names.length - 2} more`] : names;
    return { value, label: shown.join(", ") };
  });
}

/** Round limits that hold every line, band, fold and baseline. */
export function domainOf(curve: Curve): [number, number] {
  const points = curve.lines.flatMap((line) => line.points);
  const values = [
    ...points.flatMap(({ mean, low, high }) => [mean, low ?? mean, high ?? mean]),
    ...curve.baselines.map(({ value }) => value),
    ...curve.folds.map(({ value }) => value),
  ];
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const step = stepOf(high - low);
  const [bottom, top] = [Math.floor(low / step) * step, Math.ceil(high / step) * step];
  const height = top - bottom || step;
  // Beyond the best score there is room for its label.
  const room = (free: number) => (free < 0.07 * height ? 0.08 * height : 0);
  const means = points.map(({ mean }) => mean);
  const [under, over] = curve.lowerIsBetter
    ? [room(Math.min(...means) - bottom), 0]
    : [0, room(top - Math.max(...means))];
  return [Number((bottom - under).toPrecision(8)), Number((bottom + height + over).toPrecision(8))];
}

/** A tenth of the length or so, as a round number: 0.01, 0.02, 0.05, 0.1 and so on. */
function stepOf(length: number): number {
  const power = 10 ** Math.floor(Math.log10(length / 10 || 0.01));
  const factor = [1, 2, 5].find((one) => one * power >= length / 10) ?? 10;
  return factor * power;
}
