/** @file A layer curve in the form that recharts draws: rows, shaded ranges, marks, limits. */

import type { Curve, CurveLine } from "@/lib/curve";

export type CurveRow = Record<string, number | string | readonly [number, number] | undefined>;

/** One record per layer, as recharts wants it. */
export function rowsOf(curve: Curve): CurveRow[] {
  return curve.layers.map((layer) => {
    const row: CurveRow = { layer };
    for (const [i, line] of curve.lines.entries()) {
      const point = line.points.find((one) => one.layer === layer);
      if (point === undefined) continue;
      row[`line${i}`] = point.mean;
      if (point.low !== null && point.high !== null) row[`band${i}`] = [point.low, point.high];
    }
    return row;
  });
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

/** On which side of its dot the best score has room. */
export function labelSide(curve: Curve, layer: string): "top" | "left" | "right" {
  const share = curve.layers.indexOf(layer) / Math.max(1, curve.layers.length - 1);
  if (share < 0.06) return "right";
  return share > 0.94 ? "left" : "top";
}

/** Round limits that hold every line, band, fold and baseline. */
export function domainOf(curve: Curve): [number, number] {
  const values = [
    ...curve.lines.flatMap((line) =>
      line.points.flatMap(({ mean, low, high }) => [mean, low ?? mean, high ?? mean]),
    ),
    ...curve.baselines.map(({ value }) => value),
    ...curve.folds.map(({ value }) => value),
  ];
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const step = high - low > 0.5 ? 0.1 : high - low > 0.1 ? 0.05 : 0.01;
  const most = Math.max(...curve.lines.flatMap((line) => line.points.map(({ mean }) => mean)));
  const top = Math.ceil(high / step) * step;
  const bottom = Math.floor(low / step) * step;
  // Above the best score there is room for its label.
  const room = top - most < 0.07 * (top - bottom) ? 0.08 * (top - bottom) : 0;
  return [Number(bottom.toFixed(4)), Number((top + room).toFixed(4))];
}
