/** @file The layer curve as a table. */

import type { Axis } from "./axes.ts";
import type { Curve } from "./curve.ts";

/** The lines of a curve as rows, for the table and the exports. */
export function curveTable(curve: Curve, axes: readonly Axis[]) {
  return {
    columns: [
      ...axes,
      "layer",
      curve.metric,
      "low",
      "high",
      "trials",
      "best",
      "behind the best",
      "p after Holm",
      "not distinguishable",
    ],
    rows: curve.lines.flatMap((line) =>
      line.points.map((point) => [
        ...axes.map((axis) => line.values[axis] ?? null),
        point.layer,
        point.mean,
        point.low,
        point.high,
        point.trials,
        point === line.best ? "best" : "",
        line.verdicts?.[point.layer]?.difference ?? null,
        line.verdicts?.[point.layer]?.p ?? null,
        line.ties?.includes(point.layer) ? "yes" : "",
      ]),
    ),
  };
}
