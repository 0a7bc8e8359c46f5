/** @file The layer curve in its card; put together in the browser, so that its numbers travel once. */

"use client";

import { keptAxes, lineAxes } from "@/lib/axes";
import type { Curve } from "@/lib/curve";
import { curveTable } from "@/lib/curve-table";
import { metricTitle } from "@/lib/format";
import { sharedLabel } from "@/lib/labels";
import { ChartCard } from "./chart-card";
import { LayerCurve } from "./charts/layer-curve";
import { CurveCaption } from "./curve-caption";
import { LinesPicker } from "./pickers";
import { useView } from "./view-context";

/** Curve, how many lines to draw, what a reader must know, and the same as a table. */
export function CurveCard({ curve }: { curve: Curve }) {
  const { view } = useView();
  const shared = sharedLabel(curve.lines.map((line) => line.values));
  return (
    <ChartCard
      title={`${metricTitle(curve.metric)} by layer`}
      file="layer-curve"
      table={curveTable(curve, keptAxes(lineAxes, view.collapse))}
      controls={<LinesPicker total={curve.total} />}
      caption={<CurveCaption curve={curve} shared={shared} />}
    >
      <LayerCurve curve={curve} />
    </ChartCard>
  );
}
