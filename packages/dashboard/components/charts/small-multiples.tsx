/** @file The layer curve once per dataset or model, small, on a common scale; one drawing, so that it saves as one. */

import { formatScore } from "@/lib/format";
import type { Panels } from "@/lib/panels";
import { shortenMiddle, shortenParts } from "@/lib/shorten";
import { Scroll } from "../ui/scroll";
import { lineColour, lineDash } from "./line-look";
import { rangeOf, ticks } from "./ticks";

const [panelWidth, panelHeight] = [290, 196];
const [left, right, top, bottom] = [40, 10, 30, 26];
const perRow = 3;
const legendRow = 20;

/** Drawn on the server. */
export function SmallMultiples({ panels: { panels, layers, legend } }: { panels: Panels }) {
  const across = Math.min(perRow, panels.length);
  const down = Math.ceil(panels.length / across);
  const letters = Math.max(...legend.map((label) => Array.from(label).length));
  const perLegendRow = Math.max(1, Math.floor((across * panelWidth) / (letters * 6.2 + 40)));
  const legendWidth = (across * panelWidth) / perLegendRow;
  const legendHeight = Math.ceil(legend.length / perLegendRow) * legendRow + 10;
  const [width, height] = [across * panelWidth, down * panelHeight + legendHeight];
  const range = rangeOf(
    panels.flatMap(({ lines, baselines }) => [
      ...lines.flatMap(({ points }) => points.map(({ mean }) => mean)),
      ...baselines.map(({ value }) => value),
    ]),
  );
  const places = new Map(layers.map((layer, i) => [layer, i]));
  const x = (layer: string) =>
    left +
    ((places.get(layer) ?? 0) / Math.max(1, layers.length - 1)) * (panelWidth - left - right);
  const y = (value: number) =>
    panelHeight -
    bottom -
    ((value - range[0]) / (range[1] - range[0])) * (panelHeight - top - bottom);
  const step = Math.ceil(layers.length / 7);
  return (
    <Scroll label="Small multiples, scrolling">
      <svg
        data-chart
        role="img"
        aria-label={`${panels.length} small layer curves`}
        viewBox={`0 0 ${width} ${height}`}
        className="block h-auto w-full"
        style={{ minWidth: Math.min(width, 560), maxWidth: width * 1.25 }}
        fontSize="10.5"
        fill="var(--soft)"
      >
        {panels.map(({ name, lines, baselines }, place) => (
          <g
            key={name}
            transform={`translate(${(place % across) * panelWidth} ${Math.floor(place / across) * panelHeight})`}
          >
            <text x={left} y="18" fontSize="12" fontWeight="600" fill="var(--ink)">
              {shortenMiddle(name, 34)}
            </text>
            {ticks(range).map((value) => (
              <g key={value}>
                <line
                  x1={left}
                  x2={panelWidth - right}
                  y1={y(value)}
                  y2={y(value)}
                  stroke="var(--edge)"
                  strokeDasharray="2 4"
                />
                <text x={left - 6} y={y(value)} textAnchor="end" dominantBaseline="central">
                  {formatScore(value, 2)}
                </text>
              </g>
            ))}
            {layers.map((layer, i) =>
              i % step === 0 || !/^\d+$/.test(layer) ? (
                <text key={layer} x={x(layer)} y={panelHeight - bottom + 15} textAnchor="middle">
                  {layer}
                </text>
              ) : null,
            )}
            {baselines.map(({ name: baseline, value }) => (
              <line
                key={baseline}
                x1={left}
                x2={panelWidth - right}
                y1={y(value)}
                y2={y(value)}
                stroke="var(--faint)"
                strokeDasharray="5 4"
              />
            ))}
            {lines.map(({ colour, points }) => (
              <g key={colour}>
                <polyline
                  fill="none"
                  stroke={lineColour(colour)}
                  strokeDasharray={lineDash(colour)}
                  strokeWidth="1.6"
                  points={points
                    .filter(({ layerIndex }) => layerIndex !== null)
                    .map((point) => `${x(point.layer).toFixed(1)},${y(point.mean).toFixed(1)}`)
                    .join(" ")}
                />
                {points
                  .filter(({ layerIndex }) => layerIndex === null || points.length === 1)
                  .map((point) => (
                    <circle
                      key={point.layer}
                      cx={x(point.layer)}
                      cy={y(point.mean)}
                      r="2.5"
                      fill={lineColour(colour)}
                    />
                  ))}
              </g>
            ))}
          </g>
        ))}
        {legend.map((label, i) => (
          <g
            key={label}
            transform={`translate(${left + (i % perLegendRow) * legendWidth} ${down * panelHeight + Math.floor(i / perLegendRow) * legendRow + 14})`}
          >
            <line x2="18" stroke={lineColour(i)} strokeDasharray={lineDash(i)} strokeWidth="2.4" />
            <text x="24" dominantBaseline="central" fontSize="11.5">
              {shortenParts(label, Math.max(40, Math.floor((legendWidth - 40) / 6.2)))}
            </text>
          </g>
        ))}
      </svg>
    </Scroll>
  );
}
