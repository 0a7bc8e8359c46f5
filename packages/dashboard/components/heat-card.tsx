/** @file The heat map in its card; put together in the browser, so that its numbers travel once. */

"use client";

import { useMemo } from "react";
import { counted } from "@/lib/format";
import { type Packed, unpackGrid } from "@/lib/packed";
import type { Grid } from "@/lib/queries/compare";
import type { View } from "@/lib/view";
import { ChartCard } from "./chart-card";
import { HeatFrame } from "./charts/heat-frame";
import { AxisPicker } from "./pickers";

type Props = {
  readonly packed: Packed<Grid>;
  readonly axes: Pick<View, "x" | "y">;
  readonly metric: string;
};

/** Map, axes to choose, and the same as a table. */
export function HeatCard({ packed, axes, metric }: Props) {
  const grid = useMemo(() => unpackGrid(packed), [packed]);
  const trials = grid.cells.reduce((sum, cell) => sum + cell.trials, 0);
  const table = {
    columns: [axes.x, axes.y, metric, "low", "high", "trials"],
    rows: grid.cells.map(({ x, y, mean, low, high, trials: count }) => [
      ...[x, y, mean, low, high, count],
    ]),
  };
  return (
    <ChartCard
      title="Heat map"
      file="heat-map"
      table={table}
      controls={<AxisPicker />}
      caption={`Each cell is the mean over all its trials, ${counted(trials, "trial")} in all; nothing is sampled.`}
    >
      <HeatFrame grid={grid} axes={axes} metric={metric} />
    </ChartCard>
  );
}
