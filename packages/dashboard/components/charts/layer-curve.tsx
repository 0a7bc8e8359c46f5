/** @file Score by layer: one line per pooling, model and classifier, with the interval over folds as a band. */

"use client";

import {
  Area,
  CartesianGrid,
  ComposedChart,
  Line as DrawnLine,
  ReferenceArea,
  ReferenceDot,
  ReferenceLine,
  ResponsiveContainer,
  Scatter,
  Tooltip,
  XAxis,
  YAxis,
} from "recharts";
import type { Curve, CurveLine } from "@/lib/curve";
import { formatScore, metricLabel } from "@/lib/format";
import { isEmptySelection, isSelected, type Selection } from "@/lib/view";
import { toggled, useView } from "../view-context";
import { CurveLegend } from "./curve-legend";
import { lineColour, lineDash } from "./line-look";

/** The chart and its legend. A click on a point or a legend entry selects it everywhere. */
export function LayerCurve({ curve }: { curve: Curve }) {
  const { view, select } = useView();
  const marked = (line: CurveLine) => isSelected(withoutPlace(view.select), line.values);
  const focus = curve.lines.findIndex(
    (line) => !isEmptySelection(withoutPlace(view.select)) && marked(line),
  );
  const place = Math.max(0, focus);
  const focused = curve.lines[place];
  const rows = rowsOf(curve);
  const name = `${metricLabel(curve.metric)} by layer, ${curve.lines.length} lines`;
  return (
    <>
      <div className="h-80 max-sm:h-64">
        <ResponsiveContainer width="100%" height="100%" initialDimension={{ width: 900, height: 320 }}>
          <ComposedChart data={rows} margin={{ top: 14, right: 16, bottom: 18, left: 0 }} title={name}>
            <CartesianGrid stroke="var(--edge)" strokeDasharray="2 4" vertical={false} />
            {tieAreas(focused, curve.layers).map(([from, to]) => (
              <ReferenceArea key={from} x1={from} x2={to} fill={lineColour(place)} fillOpacity={0.09} stroke="none" ifOverflow="visible" />
            ))}
            <XAxis
              dataKey="layer"
              type="category"
              allowDuplicatedCategory={false}
              tick={{ fill: "var(--soft)", fontSize: 12 }}
              tickLine={false}
              axisLine={{ stroke: "var(--edge)" }}
              interval="preserveStartEnd"
              minTickGap={8}
              label={{ value: "layer", position: "insideBottom", offset: -12, fill: "var(--soft)", fontSize: 12 }}
            />
            <YAxis
              domain={domainOf(curve)}
              tick={{ fill: "var(--soft)", fontSize: 12 }}
              tickLine={false}
              axisLine={false}
              tickFormatter={(value: number) => formatScore(value, 2)}
              width={46}
            />
            <Tooltip content={<Reading curve={curve} />} isAnimationActive={false} cursor={{ stroke: "var(--faint)", strokeDasharray: "3 3" }} />
            {curve.baselines.map((baseline) => (
              <ReferenceLine
                key={`${baseline.dataset} ${baseline.name}`}
                y={baseline.value}
                stroke="var(--faint)"
                strokeDasharray="5 4"
                ifOverflow="extendDomain"
                label={{
                  value: curve.baselines.length > 1 ? `${baseline.name}, ${baseline.dataset}` : baseline.name,
                  position: "insideBottomRight",
                  fill: "var(--faint)",
                  fontSize: 11,
                }}
              />
            ))}
            {curve.lines.map((line, i) => (
              <Area
                key={`band ${i} ${line.label}`}
                dataKey={`band${i}`}
                stroke="none"
                fill={lineColour(i)}
                fillOpacity={i === place ? 0.2 : 0.05}
                isAnimationActive={false}
                legendType="none"
                tooltipType="none"
                activeDot={false}
                connectNulls={false}
              />
            ))}
            {curve.lines.map((line, i) => (
              <DrawnLine
                key={`line ${i} ${line.label}`}
                dataKey={`line${i}`}
                name={line.label}
                stroke={lineColour(i)}
                strokeWidth={i === place ? 2.4 : 1.5}
                strokeOpacity={focus >= 0 && !marked(line) ? 0.25 : 1}
                strokeDasharray={lineDash(i)}
                dot={{ r: 2, fill: lineColour(i), strokeWidth: 0, strokeDasharray: "" }}
                activeDot={{
                  r: 5,
                  className: "cursor-pointer",
                  onClick: (_event, dot) => {
                    const layer = (dot as { payload?: { layer?: string } }).payload?.layer;
                    select(toggled(view.select, { ...line.values, ...(layer ? { layer } : {}) }));
                  },
                }}
                isAnimationActive={false}
                connectNulls={false}
              />
            ))}
            {curve.lines.map((line, i) => (
              <Scatter
                key={`folds ${i} ${line.label}`}
                data={curve.folds.filter((score) => score.line === i)}
                dataKey="value"
                fill={lineColour(i)}
                fillOpacity={0.45}
                shape={<circle r={1.8} />}
                tooltipType="none"
                isAnimationActive={false}
              />
            ))}
            {focused !== undefined && (
              <ReferenceDot
                x={focused.best.layer}
                y={focused.best.mean}
                r={6}
                fill="var(--card)"
                stroke={lineColour(place)}
                strokeWidth={2.5}
                label={{
                  value: `best ${formatScore(focused.best.mean)}`,
                  position: "top",
                  offset: 10,
                  fill: "var(--ink)",
                  fontSize: 12,
                  fontWeight: 600,
                }}
              />
            )}
            {view.select.layer?.map((layer) => (
              <ReferenceLine key={layer} x={layer} stroke="var(--accent)" strokeWidth={1.5} />
            ))}
          </ComposedChart>
        </ResponsiveContainer>
      </div>
      <CurveLegend lines={curve.lines} focus={place} />
    </>
  );
}

/** What of a selection concerns whole lines. */
function withoutPlace(selection: Selection): Selection {
  const { layer: _layer, score: _score, ...rest } = selection;
  return rest;
}

type CurveRow = Record<string, number | string | readonly [number, number] | undefined>;

/** One record per layer, as recharts wants it. */
function rowsOf(curve: Curve): CurveRow[] {
  return curve.layers.map((layer) => {
    const row: CurveRow = { layer };
    for (const [i, line] of curve.lines.entries()) {
      const point = line.points.find((one) => one.layer === layer);
      if (point === undefined) continue;
      row[`line${i}`] = point.mean;
      row[`band${i}`] = [point.low, point.high];
    }
    return row;
  });
}

/** Neighbouring layers that tie with the best one, as ranges of the axis. */
function tieAreas(line: CurveLine | undefined, layers: readonly string[]): readonly [string, string][] {
  if (line?.ties == null || line.ties.length === 0) return [];
  const marked = new Set([...line.ties, line.best.layer]);
  const areas: [string, string][] = [];
  let open: [string, string] | null = null;
  for (const layer of layers) {
    if (!marked.has(layer)) open = null;
    else if (open === null) areas.push((open = [layer, layer]));
    else open[1] = layer;
  }
  return areas;
}

function domainOf(curve: Curve): [number, number] {
  const values = [
    ...curve.lines.flatMap((line) => line.points.flatMap(({ low, high }) => [low, high])),
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

/** What is read off at one layer, best first. */
function Reading({ curve, active, label }: { curve: Curve; active?: boolean; label?: string | number }) {
  if (!active) return null;
  const read = curve.lines.flatMap((line, i) => {
    const point = line.points.find((one) => one.layer === String(label));
    return point === undefined ? [] : [{ line, point, i }];
  });
  return (
    <div className="max-w-sm rounded-lg border bg-card px-3 py-2 text-[12.5px] shadow-lg">
      <p className="font-medium">layer {label}</p>
      <table>
        <tbody>
          {read
            .toSorted((a, b) => b.point.mean - a.point.mean)
            .map(({ line, point, i }) => (
              <tr key={line.label}>
                <td className="pr-2">
                  <span aria-hidden className="mr-1.5 inline-block h-2 w-2 rounded-full" style={{ background: lineColour(i) }} />
                  {line.label}
                </td>
                <td className="pr-2 text-right font-medium">{formatScore(point.mean)}</td>
                <td className="text-right text-soft">
                  {formatScore(point.low)} to {formatScore(point.high)}
                </td>
              </tr>
            ))}
        </tbody>
      </table>
    </div>
  );
}
