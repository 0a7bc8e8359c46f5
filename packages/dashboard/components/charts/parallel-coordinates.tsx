/** @file Every combination as a line over all axes; brushing an axis marks what passes through, in every chart. */

"use client";

import { type PointerEvent, useMemo, useRef, useState } from "react";
import { type Axis, axisLabels } from "@/lib/axes";
import { lineShadeAt } from "@/lib/colour-scale";
import { formatScore, metricLabel } from "@/lib/format";
import { layoutAxes, type ParallelAxis, valuesWithin } from "@/lib/parallel";
import type { Combination } from "@/lib/queries/compare";
import { isSelected, type Selection } from "@/lib/view";
import { Scroll } from "../ui/scroll";
import { useSelection } from "../view-context";

const [height, top, bottom] = [340, 46, 24];

function widthOf(count: number): number {
  return Math.max(720, count * 130);
}

/** Where the i-th of some axes stands. */
function across(i: number, count: number): number {
  return 60 + (i / Math.max(1, count - 1)) * (widthOf(count) - 150);
}

/** Height of a share from 0 to 1. */
function y(share: number): number {
  return top + (1 - share) * (height - top - bottom);
}

type Brush = { readonly axis: number; readonly from: number; readonly to: number };

/** The drawing; hyper-parameters such as c=0.1 get axes of their own. */
export function ParallelCoordinates({
  combinations,
  metric,
}: {
  combinations: readonly Combination[];
  metric: string;
}) {
  const { selection, select } = useSelection();
  const drawing = useRef<SVGSVGElement>(null);
  const [brush, setBrush] = useState<Brush | null>(null);
  const axes = useMemo(() => layoutAxes(combinations), [combinations]);
  const width = widthOf(axes.length);
  const x = (i: number) => across(i, axes.length);
  const means = combinations.map(({ mean }) => mean);
  const [low, high] = [Math.min(...means), Math.max(...means)];
  const paths = useMemo(
    () =>
      combinations
        .map((one) => ({
          one,
          path: axes
            .map(
              (axis, i) =>
                `${i === 0 ? "M" : "L"}${across(i, axes.length).toFixed(1)} ${y(axis.place(one)).toFixed(1)}`,
            )
            .join(""),
          colour: lineShadeAt(high > low ? (one.mean - low) / (high - low) : 0.5),
        }))
        .toSorted((a, b) => a.one.mean - b.one.mean),
    [combinations, axes, low, high],
  );

  const shareAt = (event: PointerEvent) => {
    const box = drawing.current?.getBoundingClientRect();
    if (box === undefined) return 0;
    const inside = ((event.clientY - box.top) / box.height) * height;
    return Math.min(1, Math.max(0, 1 - (inside - top) / (height - top - bottom)));
  };
  const finish = () => {
    const axis = brush === null ? undefined : axes[brush.axis];
    setBrush(null);
    if (brush === null || axis === undefined) return;
    const [from, to] = [Math.min(brush.from, brush.to), Math.max(brush.from, brush.to)];
    select(brushed(selection, axis, [from, to]));
  };
  return (
    <Scroll label="Parallel coordinates, scrolling">
      <svg
        ref={drawing}
        data-chart
        role="img"
        aria-label={`Parallel coordinates of ${combinations.length} combinations`}
        viewBox={`0 0 ${width} ${height}`}
        className="block h-auto w-full select-none"
        style={{ minWidth: width * 0.75 }}
        fontSize="11"
        fill="var(--soft)"
        onPointerMove={(event) => brush !== null && setBrush({ ...brush, to: shareAt(event) })}
        onPointerUp={finish}
        onPointerLeave={finish}
      >
        <g fill="none" strokeWidth="1">
          {paths.map(({ one, path, colour }, i) => (
            <path
              key={i}
              d={path}
              stroke={colour}
              strokeOpacity={isSelected(selection, one.values, one.mean) ? 0.6 : 0.05}
            />
          ))}
        </g>
        {axes.map((axis, i) => {
          const chosen = axis.name === "score" ? selection.score : selection[axis.axis as Axis];
          return (
            <g key={axis.name}>
              <text
                x={x(i)}
                y="16"
                textAnchor="middle"
                fontWeight="600"
                fill={chosen ? "var(--accent)" : "var(--ink)"}
              >
                {axis.name === "score"
                  ? metricLabel(metric)
                  : axis.name in axisLabels
                    ? axisLabels[axis.axis as Axis]
                    : axis.name}
              </text>
              {chosen && (
                <text
                  x={x(i)}
                  y="30"
                  textAnchor="middle"
                  fill="var(--accent)"
                  className="cursor-pointer"
                  role="button"
                  tabIndex={0}
                  onClick={() => select(without(selection, axis))}
                  onKeyDown={(event) => event.key === "Enter" && select(without(selection, axis))}
                >
                  clear
                </text>
              )}
              <line x1={x(i)} x2={x(i)} y1={y(0)} y2={y(1)} stroke="var(--faint)" />
              {axis.ticks.map(({ share, label }) => (
                <g key={label}>
                  <circle cx={x(i)} cy={y(share)} r="2" fill="var(--faint)" />
                  <text
                    x={x(i) + 7}
                    y={y(share)}
                    dominantBaseline="central"
                    stroke="var(--card)"
                    strokeWidth="3"
                    paintOrder="stroke"
                    fill="var(--soft)"
                  >
                    {label.length > 16 ? `${label.slice(0, 15)}…` : label}
                  </text>
                </g>
              ))}
              {axis.name === "score" && axis.ticks.length === 0 && formatScore(low)}
              {brush?.axis === i && (
                <rect
                  x={x(i) - 9}
                  width="18"
                  y={y(Math.max(brush.from, brush.to))}
                  height={Math.max(1, Math.abs(y(brush.from) - y(brush.to)))}
                  fill="var(--accent)"
                  fillOpacity="0.25"
                  stroke="var(--accent)"
                />
              )}
              <rect
                data-axis={axis.name}
                x={x(i) - 14}
                width={i === axes.length - 1 ? 60 : 70}
                y={top - 8}
                height={height - top - bottom + 16}
                fill="transparent"
                className="cursor-crosshair"
                onPointerDown={(event) => {
                  const share = shareAt(event);
                  setBrush({ axis: i, from: share, to: share });
                }}
              />
            </g>
          );
        })}
      </svg>
    </Scroll>
  );
}

/** The selection with one axis brushed; a click alone marks the nearest value. */
function brushed(
  selection: Selection,
  axis: ParallelAxis,
  range: readonly [number, number],
): Selection {
  if (axis.name === "score") {
    if (range[1] - range[0] < 0.01) return without(selection, axis);
    return { ...selection, score: [axis.valueAt(range[0]), axis.valueAt(range[1])] };
  }
  const values = valuesWithin(axis, range);
  return values.length === 0 ? without(selection, axis) : { ...selection, [axis.axis]: values };
}

function without(selection: Selection, axis: ParallelAxis): Selection {
  const { [axis.axis]: _gone, ...rest } = selection as Record<string, never>;
  return rest;
}
