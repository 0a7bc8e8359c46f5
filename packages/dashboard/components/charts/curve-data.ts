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

/** Baselines as drawn: those that nearly coincide share one line and one label. */
export function baselineMarks(
  curve: Curve,
): readonly { readonly value: number; readonly label: string }[] {
  const single = new Set(curve.baselines.map(({ dataset }) => dataset)).size === 1;
  const marks: { value: number; names: string[] }[] = [];
  for (const { name, dataset, value } of curve.baselines.toSorted((a, b) => a.value - b.value)) {
    const near = marks.find((mark) => Math.abs(mark.value - value) < 0.004);
    const label = single ? name : `${name}, ${dataset}`;
    if (near === undefined) marks.push({ value, names: [label] });
    else near.names.push(label);
  }
  return marks.map(({ value, names }) => ({
    value,
    label:
      names.length > 3
        ? `${names.slice(0, 2).join("; ")}; ${names.length - 2} more`
        : names.join("; "),
  }));
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
  return [
    Number((Math.floor(low / step) * step).toFixed(4)),
    Number((Math.ceil(high / step) * step).toFixed(4)),
  ];
}
