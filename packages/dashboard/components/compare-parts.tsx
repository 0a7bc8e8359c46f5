/** @file The parts of Compare that are switched on, each with its own query. */

import { keptAxes, lineAxes } from "@/lib/axes";
import { curveTable, fetchCurve } from "@/lib/curve";
import { counted, metricLabel } from "@/lib/format";
import { sharedLabel } from "@/lib/labels";
import { fetchGrid } from "@/lib/queries/compare";
import type { Scope } from "@/lib/queries/scope";
import type { View } from "@/lib/view";
import { ChartCard } from "./chart-card";
import { HeatFrame } from "./charts/heat-frame";
import { HeatMap } from "./charts/heat-map";
import { LayerCurve } from "./charts/layer-curve";
import { CurveCaption } from "./curve-caption";
import { Headline } from "./headline";
import { AxisPicker, LinesPicker } from "./pickers";
import { PartSwitch } from "./part-switch";
import { TrialTable } from "./trial-table";

type Props = { readonly scope: Scope; readonly view: View };

/** Headline, switches, charts, table. */
export function CompareParts({ scope, view }: Props) {
  const shows = new Set(view.show);
  const curve = fetchCurve(scope, view);
  const empty = curve.lines.length === 0;
  return (
    <div className="space-y-4">
      <Headline curve={curve} />
      <PartSwitch />
      {empty && (
        <p className="rounded-xl border bg-card px-5 py-8 text-center text-soft">
          No finished trial fits these filters. Untick some, or choose another metric.
        </p>
      )}
      {!empty && shows.has("curve") && (
        <ChartCard
          title={`${metricLabel(scope.metric)} by layer`}
          file="layer-curve"
          table={curveTable(curve, keptAxes(lineAxes, view.collapse))}
          controls={<LinesPicker total={curve.total} />}
          caption={<CurveCaption curve={curve} shared={sharedLabel(curve.lines.map((line) => line.values))} />}
        >
          <LayerCurve curve={curve} />
        </ChartCard>
      )}
      {!empty && shows.has("heat") && <HeatPart scope={scope} view={view} />}
      {shows.has("trials") && <TrialTable metric={scope.metric} version={scope.store.generation} />}
    </div>
  );
}

function HeatPart({ scope, view }: Props) {
  const grid = fetchGrid(scope, view);
  const trials = grid.cells.reduce((sum, cell) => sum + cell.trials, 0);
  const table = {
    columns: [view.x, view.y, scope.metric, "low", "high", "trials"],
    rows: grid.cells.map(({ x, y, mean, low, high, trials: count }) => [x, y, mean, low, high, count]),
  };
  return (
    <ChartCard
      title="Heat map"
      file="heat-map"
      table={table}
      controls={<AxisPicker />}
      caption={`Each cell is the mean over all its trials, ${counted(trials, "trial")} in all; nothing is sampled.`}
    >
      <HeatFrame grid={grid} axes={{ x: view.x, y: view.y }}>
        <HeatMap grid={grid} metric={scope.metric} view={view} />
      </HeatFrame>
    </ChartCard>
  );
}
