/** @file Scores over two axes, drawn on the server: a colour and a number per cell, hatching where nothing is known. */

import { axisLabels } from "@/lib/axes";
import { inkOn, viridisAt } from "@/lib/colour-scale";
import { formatScore, metricLabel } from "@/lib/format";
import type { Grid } from "@/lib/queries/compare";
import type { View } from "@/lib/view";

type Props = { readonly grid: Grid; readonly metric: string; readonly view: Pick<View, "x" | "y"> };

const cellHeight = 24;

/** The map, its scale to the right of the title row. Cells carry their place for the frame around. */
export function HeatMap({ grid, metric, view }: Props) {
  const { xs, ys, cells } = grid;
  const means = cells.map((cell) => cell.mean);
  const [low, high] = [Math.min(...means), Math.max(...means)];
  const share = (mean: number) => (high > low ? (mean - low) / (high - low) : 0.5);
  const left = 12 + 6.6 * Math.min(26, Math.max(5, ...ys.map((name) => name.length)));
  const longest = Math.max(...xs.map((name) => name.length));
  const cellWidth = Math.max(
    longest > 3 && xs.length < 12 ? 64 : 24,
    Math.min(64, Math.floor((980 - left) / xs.length)),
  );
  const tilted = longest * 6.6 > cellWidth;
  const top = tilted ? 14 + Math.min(26, longest) * 4.6 : 24;
  const [width, height] = [left + xs.length * cellWidth + 4, top + ys.length * cellHeight + 34];
  const digits = cellWidth >= 40 ? 3 : 2;
  const places = [new Map(xs.map((x, i) => [x, i])), new Map(ys.map((y, i) => [y, i]))] as const;
  const name = `${metricLabel(metric)} by ${axisLabels[view.x].toLowerCase()} and ${axisLabels[view.y].toLowerCase()}: ${cells.length} cells from ${formatScore(low)} to ${formatScore(high)}`;
  return (
    <svg
      data-chart
      role="img"
      aria-label={name}
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      fontSize="11.5"
      fill="var(--soft)"
      className="block"
    >
      <defs>
        <pattern
          id="nothing"
          width="6"
          height="6"
          patternUnits="userSpaceOnUse"
          patternTransform="rotate(45)"
        >
          <rect width="6" height="6" fill="var(--sunk)" />
          <path d="M0 0v6" stroke="var(--edge)" strokeWidth="2" />
        </pattern>
        <linearGradient id="viridis">
          {[0, 0.25, 0.5, 0.75, 1].map((stop) => (
            <stop key={stop} offset={stop} stopColor={viridisAt(stop)} />
          ))}
        </linearGradient>
      </defs>
      {xs.map((x, i) => {
        const middle = left + (i + 0.5) * cellWidth;
        return (
          <text
            key={x}
            x={middle}
            y={top - 7}
            textAnchor={tilted ? "start" : "middle"}
            transform={tilted ? `rotate(-40 ${middle} ${top - 7})` : undefined}
          >
            {shorten(x)}
          </text>
        );
      })}
      {ys.map((y, i) => (
        <text
          key={y}
          x={left - 8}
          y={top + (i + 0.5) * cellHeight}
          textAnchor="end"
          dominantBaseline="central"
        >
          {shorten(y)}
        </text>
      ))}
      <rect
        x={left}
        y={top}
        width={xs.length * cellWidth}
        height={ys.length * cellHeight}
        fill="url(#nothing)"
      />
      <g fontSize={digits === 3 ? 11 : 10} textAnchor="middle" stroke="none">
        {cells.map((cell) => {
          const [i, j] = [places[0].get(cell.x) ?? 0, places[1].get(cell.y) ?? 0];
          const filled = share(cell.mean);
          return (
            <g key={`${i} ${j}`} data-cell={`${i} ${j}`}>
              <rect
                x={left + i * cellWidth}
                y={top + j * cellHeight}
                width={cellWidth - 1}
                height={cellHeight - 1}
                fill={viridisAt(filled)}
              />
              <text
                x={left + (i + 0.5) * cellWidth - 0.5}
                y={top + j * cellHeight + 15.5}
                fill={inkOn(filled)}
              >
                {digits === 3
                  ? formatScore(cell.mean)
                  : formatScore(cell.mean, 2).replace(/^(−?)0\./, "$1.")}
              </text>
            </g>
          );
        })}
      </g>
      <g transform={`translate(${left} ${height - 22})`}>
        <rect width="140" height="8" rx="2" fill="url(#viridis)" />
        <text y="20" fontSize="11">
          {formatScore(low)}
        </text>
        <text x="140" y="20" fontSize="11" textAnchor="end">
          {formatScore(high)}
        </text>
        <rect x="158" width="14" height="8" rx="2" fill="url(#nothing)" />
        <text x="178" y="8" fontSize="11">
          no finished trial
        </text>
      </g>
    </svg>
  );
}

function shorten(name: string): string {
  return name.length > 26 ? `${name.slice(0, 25)}…` : name;
}
