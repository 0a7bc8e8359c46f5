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
import { baselineMarks, domainOf, labelSide, rowsOf, tieAreas } from "./curve-data";
import { CurveLegend } from "./curve-legend";
import { CurveReading } from "./curve-reading";
import { lineColour, lineDash } from "./line-look";
import { ticks } from "./xy-plot";

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
  const range = domainOf(curve);
  const name = `${metricLabel(curve.metric)} by layer, ${curve.lines.length} lines`;
  return (
    <>
      <div className="h-80 max-sm:h-64">
        <ResponsiveContainer
          width="100%"
          height="100%"
          initialDimension={{ width: 900, height: 320 }}
        >
          <ComposedChart
            data={rows}
            margin={{ top: 22, right: 16, bottom: 18, left: 0 }}
            title={name}
          >
            <CartesianGrid
              stroke="var(--edge)"
              strokeDasharray="2 4"
              vertical={false}
              syncWithTicks
            />
            {tieAreas(focused, curve.layers).map(([from, to]) => (
              <ReferenceArea
                key={from}
                x1={from}
                x2={to}
                fill={lineColour(place)}
                fillOpacity={0.09}
                stroke="none"
                ifOverflow="visible"
              />
            ))}
            <XAxis
              dataKey="layer"
              type="category"
              allowDuplicatedCategory={false}
              tick={{ fill: "var(--soft)", fontSize: 12 }}
              tickLine={false}
              axisLine={{ stroke: "var(--edge)" }}
              interval={Math.ceil(curve.layers.length / 17) - 1}
              label={{
                value: "layer",
                position: "insideBottom",
                offset: -12,
                fill: "var(--soft)",
                fontSize: 12,
              }}
            />
            <YAxis
              domain={[range[0], range[1]]}
              ticks={[...ticks(range)]}
              tick={{ fill: "var(--soft)", fontSize: 12 }}
              tickLine={false}
              axisLine={false}
              tickFormatter={(value: number) => formatScore(value, 2)}
              width={46}
            />
            <Tooltip
              content={<CurveReading curve={curve} />}
              isAnimationActive={false}
              cursor={{ stroke: "var(--faint)", strokeDasharray: "3 3" }}
            />
            {baselineMarks(curve, focused?.values.dataset).map(({ value, label }, i) => (
              <ReferenceLine
                key={i}
                y={value}
                stroke="var(--faint)"
                strokeDasharray="5 4"
                ifOverflow="extendDomain"
                label={{
                  value: label,
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
            {curve.folds.length > 0 &&
              curve.lines.map((line, i) => (
                <Scatter
                  key={`folds ${i} ${line.label}`}
                  data={curve.folds.filter((score) => score.line === i)}
                  dataKey="value"
                  fill={lineColour(i)}
                  shape={FoldDot}
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
                  position: labelSide(curve, focused.best.layer),
                  offset: 10,
                  fill: "var(--ink)",
                  fontSize: 12,
                  fontWeight: 600,
                  stroke: "var(--card)",
                  strokeWidth: 4,
                  paintOrder: "stroke",
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

/** One fold's score. */
function FoldDot({
  cx,
  cy,
  fill,
}: {
  cx?: number | undefined;
  cy?: number | undefined;
  fill?: string | undefined;
}) {
  return <circle cx={cx} cy={cy} r={1.7} fill={fill} fillOpacity={0.45} />;
}

/** What of a selection concerns whole lines. */
function withoutPlace(selection: Selection): Selection {
  const { layer: _layer, score: _score, ...rest } = selection;
  return rest;
}
