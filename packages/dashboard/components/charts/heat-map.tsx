/** @file Scores over two axes: a colour and a number per cell, hatching where nothing is known. */

import { memo } from "react";
import { axisLabels } from "@/lib/axes";
import { viridisAt } from "@/lib/colour-scale";
import { formatScore, metricLabel } from "@/lib/format";
import type { Grid } from "@/lib/queries/compare";
import type { View } from "@/lib/view";
import { CellGrid, layOut } from "./cell-grid";
import { Drawing } from "./drawing";

type Props = { readonly grid: Grid; readonly metric: string; readonly view: Pick<View, "x" | "y"> };

/** The map and, below it, its scale; not drawn again while the pointer moves over it. */
export const HeatMap = memo(function HeatMap({ grid, metric, view }: Props) {
  const { xs, ys, cells } = grid;
  const means = cells.map((cell) => cell.mean);
  const [low, high] = [Math.min(...means), Math.max(...means)];
  const share = (mean: number) => (high > low ? (mean - low) / (high - low) : 0.5);
  const cell = [widthOf(grid), 24] as const;
  const short = cell[0] < 40; // room for two decimals without the zero before them
  const shape = { xs, ys, cell, longest: 26, title: [4, 8] } as const;
  const { left, top, width, height } = layOut(shape);
  const places = [new Map(xs.map((x, i) => [x, i])), new Map(ys.map((y, j) => [y, j]))] as const;
  const name = `${metricLabel(metric)} by ${axisLabels[view.x].toLowerCase()} and ${axisLabels[view.y].toLowerCase()}: ${cells.length} cells from ${formatScore(low)} to ${formatScore(high)}`;
  return (
    <Drawing {...{ name, width }} height={height + 34}>
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
      <rect
        x={left}
        y={top}
        width={xs.length * cell[0]}
        height={ys.length * cell[1]}
        fill="url(#nothing)"
      />
      <CellGrid
        shape={shape}
        fontSize={short ? 10 : 11}
        cells={cells.map(({ x, y, mean }) => ({
          at: [places[0].get(x) ?? 0, places[1].get(y) ?? 0],
          share: share(mean),
          text: short ? formatScore(mean, 2).replace(/^(−?)0\./, "$1.") : formatScore(mean),
        }))}
      />
      <g transform={`translate(${left} ${height + 12})`}>
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
    </Drawing>
  );
});

/** Wide enough for a number, and for the whole map to fit a usual window where that can be. */
function widthOf({ xs, ys }: Grid): number {
  const names = 30 + 6.5 * Math.min(26, Math.max(4, ...ys.map((name) => name.length)));
  const least = Math.max(...xs.map((name) => name.length)) > 3 && xs.length < 12 ? 64 : 19;
  return Math.max(least, Math.min(64, Math.floor((936 - names) / xs.length)));
}
