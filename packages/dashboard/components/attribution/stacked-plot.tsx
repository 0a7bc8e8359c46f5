/** @file Panels over the same layers, one above the other, so that each keeps its own scale. */

"use client";

import { useRef } from "react";
import { formatScore } from "@/lib/format";
import { Drawing } from "../charts/drawing";
import { rangeOf, ticks } from "../charts/ticks";
import { useWidth } from "../charts/use-width";

type Point = {
  readonly layer: number;
  readonly mean: number;
  readonly low: number | null;
  readonly high: number | null;
};

/** A panel: lines on one scale, and a point that a guide runs through all panels from. */
export type StackedPanel = {
  readonly axis: string;
  readonly lines: readonly {
    readonly name: string;
    readonly colour: string;
    readonly dash: string;
    readonly points: readonly Point[];
  }[];
  readonly mark: Point | null;
};

type Props = {
  readonly name: string;
  /** Layers of the model; hidden state 0 is the embeddings. */
  readonly layers: number;
  readonly panels: readonly StackedPanel[];
};

const [widest, panelHeight, left, right, top, gap, bottom] = [860, 190, 62, 20, 26, 22, 40];

/** Lines with bands and dots; the guide marks the best probed layer everywhere. */
export function StackedPlot({ name, layers, panels }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const width = Math.min(widest, useWidth(place, widest));
  const height = top + panels.length * (panelHeight + gap) - gap + bottom;
  const across = (layer: number) => left + (layer / Math.max(1, layers)) * (width - left - right);
  const mark = panels.find((panel) => panel.mark !== null)?.mark ?? null;
  const end = height - bottom;
  return (
    <div ref={place} className="overflow-hidden">
      <Drawing {...{ name, width, height }}>
        {mark !== null && (
          <g>
            <line
              x1={across(mark.layer)}
              x2={across(mark.layer)}
              y1={top}
              y2={end}
              stroke="var(--accent)"
              strokeDasharray="4 4"
            />
            <text
              x={across(mark.layer) + (mark.layer > layers / 2 ? -6 : 6)}
              y={top - 10}
              textAnchor={mark.layer > layers / 2 ? "end" : "start"}
              fill="var(--accent)"
            >
              best probed: {formatScore(mark.mean)} at layer {mark.layer}
            </text>
          </g>
        )}
        {panels.map((panel, i) => (
          <Panel key={panel.axis} {...{ panel, across, width }} y={top + i * (panelHeight + gap)} />
        ))}
        {Array.from({ length: layers + 1 }, (_, layer) => layer)
          .filter(
            (layer) => layer % Math.max(1, Math.ceil((layers * 26) / (width - left - right))) === 0,
          )
          .map((layer) => (
            <text key={layer} x={across(layer)} y={end + 17} textAnchor="middle">
              {layer}
            </text>
          ))}
        <text x={(left + width - right) / 2} y={height - 4} textAnchor="middle">
          layer (0: embeddings)
        </text>
      </Drawing>
    </div>
  );
}

type PanelProps = {
  readonly panel: StackedPanel;
  readonly y: number;
  readonly width: number;
  readonly across: (layer: number) => number;
};

function Panel({ panel: { axis, lines }, y, width, across }: PanelProps) {
  const range = rangeOf(
    lines.flatMap(({ points }) =>
      points.flatMap(({ mean, low, high }) => [mean, low ?? mean, high ?? mean]),
    ),
  );
  const up = (value: number) =>
    y + panelHeight - ((value - range[0]) / (range[1] - range[0])) * panelHeight;
  const digits = Math.max(0, -Math.floor(Math.log10((range[1] - range[0]) / 5)));
  const round = (value: number) => value.toFixed(1);
  return (
    <g>
      {ticks(range).map((value) => (
        <g key={value}>
          <line
            x1={left}
            x2={width - right}
            y1={up(value)}
            y2={up(value)}
            stroke="var(--edge)"
            strokeDasharray="2 4"
          />
          <text x={left - 8} y={up(value)} textAnchor="end" dominantBaseline="central">
            {formatScore(value, digits)}
          </text>
        </g>
      ))}
      <text
        transform={`translate(12 ${y + panelHeight / 2}) rotate(-90)`}
        textAnchor="middle"
        fill="var(--ink)"
      >
        {axis}
      </text>
      {lines.map(({ name, colour, points }) => (
        <polygon
          key={`band ${name}`}
          fill={colour}
          fillOpacity="0.13"
          points={[
            ...points.map(
              ({ layer, mean, high }) => `${round(across(layer))},${round(up(high ?? mean))}`,
            ),
            ...points
              .map(({ layer, mean, low }) => `${round(across(layer))},${round(up(low ?? mean))}`)
              .reverse(),
          ].join(" ")}
        />
      ))}
      {lines.map(({ name, colour, dash, points }) => (
        <g key={name}>
          <polyline
            fill="none"
            stroke={colour}
            strokeWidth="2.2"
            strokeDasharray={dash}
            strokeLinejoin="round"
            points={points
              .map(({ layer, mean }) => `${round(across(layer))},${round(up(mean))}`)
              .join(" ")}
          />
          {points.map(({ layer, mean }) => (
            <circle
              key={layer}
              cx={round(across(layer))}
              cy={round(up(mean))}
              r="3"
              fill={colour}
            />
          ))}
        </g>
      ))}
    </g>
  );
}
