/** @file Score against the number of parameters: is a larger model worth it? */

"use client";

import {
  CartesianGrid,
  ResponsiveContainer,
  Scatter,
  ScatterChart,
  Tooltip,
  XAxis,
  YAxis,
} from "recharts";
import { formatInterval, formatMillions, formatScore, metricLabel } from "@/lib/format";
import { shortLabels } from "@/lib/labels";
import type { Sized } from "@/lib/queries/compare";
import { isSelected } from "@/lib/view";
import { toggled, useView } from "../view-context";
import { lineColour } from "./line-look";
import { rangeOf } from "./xy-plot";

/** A dot per line at its best layer; a click marks its line everywhere. */
export function SizeScatter({ dots, metric }: { dots: readonly Sized[]; metric: string }) {
  const { view, select } = useView();
  const labels = shortLabels(dots.map((dot) => dot.values));
  const poolings = [...new Set(dots.map((dot) => dot.values.token))];
  const rows = dots.map((dot, i) => ({
    ...dot,
    label: labels[i] ?? "",
    fill: lineColour(Math.max(0, poolings.indexOf(dot.values.token)) % 8),
    fillOpacity: isSelected(view.select, dot.values, dot.mean) ? 0.75 : 0.1,
  }));
  const sizes = dots.map(({ parameters }) => parameters);
  const range = rangeOf(dots.map(({ mean }) => mean));
  return (
    <div className="h-72">
      <ResponsiveContainer
        width="100%"
        height="100%"
        initialDimension={{ width: 900, height: 288 }}
      >
        <ScatterChart
          margin={{ top: 10, right: 20, bottom: 18, left: 0 }}
          title={`${metricLabel(metric)} against parameters`}
        >
          <CartesianGrid stroke="var(--edge)" strokeDasharray="2 4" />
          <XAxis
            type="number"
            dataKey="parameters"
            scale="log"
            domain={[Math.max(1, Math.min(...sizes) * 0.7), Math.max(...sizes) * 1.4]}
            ticks={[...new Set(sizes)].toSorted((a, b) => a - b)}
            tickFormatter={formatMillions}
            tick={{ fill: "var(--soft)", fontSize: 12 }}
            tickLine={false}
            axisLine={{ stroke: "var(--edge)" }}
            label={{
              value: "parameters",
              position: "insideBottom",
              offset: -12,
              fill: "var(--soft)",
              fontSize: 12,
            }}
          />
          <YAxis
            dataKey="mean"
            domain={[range[0], range[1]]}
            tick={{ fill: "var(--soft)", fontSize: 12 }}
            tickFormatter={(value: number) => formatScore(value, 2)}
            tickLine={false}
            axisLine={false}
            width={46}
          />
          <Tooltip content={<Dot />} isAnimationActive={false} cursor={false} />
          <Scatter
            data={rows}
            isAnimationActive={false}
            className="cursor-pointer"
            onClick={(dot) => {
              const { values } = (dot as unknown as { payload: Sized }).payload;
              const { layer: _layer, ...line } = values;
              select(toggled(view.select, line));
            }}
          />
        </ScatterChart>
      </ResponsiveContainer>
    </div>
  );
}

type DotProps = { active?: boolean; payload?: readonly { payload: Sized & { label: string } }[] };

function Dot({ active, payload }: DotProps) {
  const dot = payload?.[0]?.payload;
  if (!active || dot === undefined) return null;
  return (
    <div className="rounded-lg border bg-card px-3 py-2 text-[12.5px] shadow-lg">
      <p className="font-medium">{dot.label}</p>
      <p className="numbers">
        {formatScore(dot.mean)} <span className="text-soft">{formatInterval(dot)}</span>
      </p>
      <p className="text-soft">
        {formatMillions(dot.parameters)} parameters, best at layer {dot.values.layer}
      </p>
    </div>
  );
}
