/** @file Small multiples: the best lines of every dataset or model, coloured by what they have in common. */

import { none } from "./axes.ts";
import { layersOf } from "./curve.ts";
import { shortLabels } from "./labels.ts";
import { type Baseline, fetchBaselines, sorted } from "./queries/compare.ts";
import { fetchLines, type Line } from "./queries/lines.ts";
import type { Scope } from "./queries/scope.ts";
import type { Tabular } from "./tabular.ts";
import type { View } from "./view.ts";

export type Panel = {
  readonly name: string;
  /** Lines with the place of their colour, the same in every panel. */
  readonly lines: readonly (Line & { readonly colour: number })[];
  readonly baselines: readonly Baseline[];
};

export type Panels = {
  readonly by: View["by"];
  readonly metric: string;
  readonly layers: readonly string[];
  readonly panels: readonly Panel[];
  /** What the colours mean. */
  readonly legend: readonly string[];
};

/** One panel per value of the chosen axis. */
export function fetchPanels(scope: Scope, view: View): Panels {
  const { by } = view;
  const { lines } = fetchLines(scope, view, by);
  const rest = lines.map(({ values: { [by]: _own, ...others } }) => others);
  const labels = shortLabels(rest);
  const legend = [...new Set(labels)];
  const baselines = fetchBaselines(scope, view.dataset);
  const names = sorted(lines.map(({ values }) => values[by] ?? none));
  return {
    by,
    metric: scope.metric,
    layers: layersOf(lines),
    legend,
    panels: names.map((name) => ({
      name,
      lines: lines
        .map((line, i) => ({ ...line, colour: legend.indexOf(labels[i] ?? "") }))
        .filter(({ values }) => values[by] === name),
      baselines: by === "dataset" ? baselines.filter(({ dataset }) => dataset === name) : [],
    })),
  };
}

/** The panels as rows. */
export function panelTable({ by, metric, panels, legend }: Panels): Tabular {
  return {
    columns: [by, "line", "layer", metric, "low", "high", "trials"],
    rows: panels.flatMap(({ name, lines }) =>
      lines.flatMap(({ colour, points }) =>
        points.map((point) => [
          ...[name, legend[colour] ?? "", point.layer],
          ...[point.mean, point.low, point.high, point.trials],
        ]),
      ),
    ),
  };
}
