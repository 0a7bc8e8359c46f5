/** @file Score against the number of parameters: is a larger model worth it? */

"use client";

import { type KeyboardEvent, type PointerEvent, useMemo, useRef, useState } from "react";
import { formatInterval, formatMillions, formatScore, metricLabel } from "@/lib/format";
import { shortLabels } from "@/lib/labels";
import type { Sized } from "@/lib/queries/compare";
import { isSelected } from "@/lib/view";
import { toggled, useSelection } from "../view-context";
import { lineColour } from "./line-look";
import { digitsOf, rangeOf, ticks } from "./ticks";
import { useWidth } from "./use-width";

const height = 288;
const [left, right, top, bottom] = [48, 20, 10, 38];
/** Pixels from a dot within which the pointer means it. */
const reach = 24;

type Props = { readonly dots: readonly Sized[]; readonly metric: string };

/** A dot per line at its best layer; a click marks its line everywhere. */
export function SizeScatter({ dots, metric }: Props) {
  const { selection, select } = useSelection();
  const frame = useRef<HTMLDivElement>(null);
  const width = useWidth(frame, 900);
  const [near, setNear] = useState<number | null>(null);
  const { placed, sizes, range, up } = useMemo(() => layOut(dots, width), [dots, width]);
  const labels = useMemo(() => shortLabels(dots.map(({ values }) => values)), [dots]);
  const look = (event: PointerEvent) => {
    const box = frame.current?.getBoundingClientRect();
    const [x, y] = [event.clientX - (box?.left ?? 0), event.clientY - (box?.top ?? 0)];
    const distances = placed.map((dot) => Math.hypot(dot.x - x, dot.y - y));
    const nearest = distances.indexOf(Math.min(...distances));
    setNear((distances[nearest] ?? reach) < reach ? nearest : null);
  };
  const chosen = near === null ? undefined : dots[near];
  const choose = () => {
    if (chosen === undefined) return;
    const { layer: _layer, ...line } = chosen.values;
    select(toggled(selection, line));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key];
    if (step !== undefined) setNear(Math.min(dots.length - 1, Math.max(0, (near ?? -1) + step)));
    else if (event.key === "Enter" || event.key === " ") choose();
    else return;
    event.preventDefault();
  };
  const spot = near === null ? undefined : placed[near];
  return (
    <>
      <div
        ref={frame}
        role="group"
        tabIndex={0}
        aria-label="Scores by size; arrow keys read dot by dot, best first, Enter selects one"
        className="relative cursor-pointer"
        style={{ height }}
        onPointerMove={look}
        onPointerLeave={() => setNear(null)}
        onBlur={() => setNear(null)}
        onClick={choose}
        onKeyDown={onKeyDown}
      >
        <svg
          data-chart
          role="img"
          aria-label={`${metricLabel(metric)} against parameters, ${dots.length} dots`}
          viewBox={`0 0 ${width} ${height}`}
          className="block h-full w-full"
          fontSize="12"
          fill="var(--soft)"
        >
          {ticks(range).map((value) => (
            <g key={value}>
              <path
                d={`M${left},${up(value)}H${width - right}`}
                stroke="var(--edge)"
                strokeDasharray="2 4"
              />
              <text x={left - 7} y={up(value)} textAnchor="end" dominantBaseline="central">
                {formatScore(value, digitsOf(range))}
              </text>
            </g>
          ))}
          <path d={`M${left},${height - bottom}H${width - right}`} stroke="var(--edge)" />
          {sizes.map(({ x, label }) => (
            <text key={label} x={x} y={height - bottom + 17} textAnchor="middle">
              {label}
            </text>
          ))}
          <text x={(left + width - right) / 2} y={height - 4} textAnchor="middle">
            parameters
          </text>
          {placed.map(({ x, y, colour }, i) => (
            <circle
              key={i}
              {...{ cx: x.toFixed(1), cy: y.toFixed(1), r: 4.5 }}
              fill={lineColour(colour)}
              fillOpacity={isSelected(selection, dots[i]?.values ?? {}, dots[i]?.mean) ? 0.75 : 0.1}
            />
          ))}
          {spot && (
            <circle
              {...{ cx: spot.x, cy: spot.y, r: 6.5, strokeWidth: 1.5 }}
              fill="none"
              stroke="var(--ink)"
            />
          )}
        </svg>
        {spot && chosen && (
          <div
            aria-live="polite"
            className="pointer-events-none absolute z-10 max-w-[80%] rounded-lg border bg-card px-3 py-2 text-[12.5px] shadow-lg"
            style={{
              ...(spot.x < width / 2 ? { left: spot.x + 12 } : { right: width - spot.x + 12 }),
              ...(spot.y < height / 2 ? { top: spot.y } : { bottom: height - spot.y }),
            }}
          >
            <p className="font-medium">{labels[near ?? 0]}</p>
            <p className="numbers">
              {formatScore(chosen.mean)} <span className="text-soft">{formatInterval(chosen)}</span>
            </p>
            <p className="text-soft">
              {formatMillions(chosen.parameters)} parameters, best at layer {chosen.values.layer}
            </p>
          </div>
        )}
      </div>
      <PoolingLegend dots={dots} />
    </>
  );
}

/** Places of all dots on a logarithmic axis, and the sizes named on it: no two names touch. */
function layOut(dots: readonly Sized[], width: number) {
  const range = rangeOf(dots.map(({ mean }) => mean));
  const known = [...new Set(dots.map(({ parameters }) => Math.max(1, parameters)))];
  const [low, high] = [Math.log(Math.min(...known) * 0.7), Math.log(Math.max(...known) * 1.4)];
  const across = (size: number) =>
    left + ((Math.log(Math.max(1, size)) - low) / (high - low)) * (width - left - right);
  const up = (score: number) =>
    height - bottom - ((score - range[0]) / (range[1] - range[0])) * (height - top - bottom);
  const poolings = [...new Set(dots.map((dot) => dot.values.token))];
  const sizes: { x: number; label: string }[] = [];
  for (const size of known.toSorted((a, b) => a - b)) {
    const [x, last] = [across(size), sizes.at(-1)];
    if (last === undefined || x - last.x > 64) sizes.push({ x, label: formatMillions(size) });
  }
  const placed = dots.map(({ parameters, mean, values }) => ({
    x: across(parameters),
    y: up(mean),
    colour: Math.max(0, poolings.indexOf(values.token)) % 8,
  }));
  return { placed, sizes, range, up };
}

/** Colours by token pooling. */
function PoolingLegend({ dots }: { dots: readonly Sized[] }) {
  const poolings = [...new Set(dots.map((dot) => dot.values.token))];
  if (poolings.length < 2) return null;
  return (
    <ul className="mt-1 flex flex-wrap gap-x-4 gap-y-0.5 text-[12.5px]" aria-label="Token poolings">
      {poolings.map((pooling, i) => (
        <li key={pooling} className="flex items-center gap-1.5 [overflow-wrap:anywhere]">
          <span
            aria-hidden
            className="h-2.5 w-2.5 shrink-0 rounded-full"
            style={{ background: lineColour(i % 8) }}
          />
          {pooling}
        </li>
      ))}
    </ul>
  );
}
