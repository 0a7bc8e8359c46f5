/** @file The layer curve in its card; put together in the browser, so that its numbers travel once. */

"use client";

import { useMemo } from "react";
import type { Axis } from "@/lib/axes";
import type { Curve } from "@/lib/curve";
import { curveTable } from "@/lib/curve-table";
import { metricTitle } from "@/lib/format";
import { sharedLabel } from "@/lib/labels";
import { type Packed, unpackCurve } from "@/lib/packed";
import { ChartCard } from "./chart-card";
import { LayerCurve } from "./charts/layer-curve";
import { CurveCaption } from "./curve-caption";
import { LinesPicker } from "./pickers";

type Props = {
  readonly packed: Packed<Curve>;
  /** Axes that tell its lines apart. */
  readonly axes: readonly Axis[];
};

/** Curve, how many lines to draw, what a reader must know, and the same as a table. */
export function CurveCard({ packed, axes }: Props) {
  const curve = useMemo(() => unpackCurve(packed), [packed]);
  const shared = sharedLabel(curve.lines.map((line) => line.values));
  return (
    <ChartCard
      title={`${metricTitle(curve.metric)} by layer`}
      file="layer-curve"
      table={curveTable(curve, axes)}
      controls={<LinesPicker total={curve.total} />}
      caption={<CurveCaption curve={curve} shared={shared} />}
    >
      <LayerCurve curve={curve} />
    </ChartCard>
  );
}
