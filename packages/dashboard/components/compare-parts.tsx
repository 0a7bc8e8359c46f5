/** @file The parts of Compare that are switched on, each with its own query. */

import { axes, isFilterAxis, keptAxes, lineAxes, none } from "@/lib/axes";
import { columnNames, extraMetrics, usualColumns } from "@/lib/columns";
import { fetchCurve } from "@/lib/curve";
import { counted, formatCount, metricTitle } from "@/lib/format";
import { packCurve, packGrid } from "@/lib/packed";
import { fetchPanels, panelTable } from "@/lib/panels";
import type { Choice, Choices } from "@/lib/queries/choices";
import { fetchCombinations, fetchGrid, fetchSizes } from "@/lib/queries/compare";
import type { Scope } from "@/lib/queries/scope";
import type { View } from "@/lib/view";
import { ChartCard } from "./chart-card";
import { ParallelCoordinates } from "./charts/parallel-coordinates";
import { SizeScatter } from "./charts/size-scatter";
import { SmallMultiples } from "./charts/small-multiples";
import { CurveCard } from "./curve-card";
import { Headline } from "./headline";
import { HeatCard } from "./heat-card";
import { PartSwitch } from "./part-switch";
import { PanelPicker } from "./pickers";
import { TrialTable } from "./trial-table";

type Props = { readonly scope: Scope; readonly view: View };
type PartsProps = Props & { readonly choices: Choices };

/** Headline, switches, charts, table. */
export function CompareParts({ scope, view, choices }: PartsProps) {
  const shows = new Set(view.show);
  const curve = fetchCurve(scope, view);
  const empty = curve.lines.length === 0;
  return (
    <div className="space-y-4">
      <Headline curve={curve} />
      <PartSwitch />
      {empty && (
        <div className="rounded-xl border bg-card px-5 py-8 text-center text-soft">
          <h1 className="text-base font-semibold text-ink">No finished trial fits these filters</h1>
          <p>Untick some, or choose another metric.</p>
        </div>
      )}
      {!empty && shows.has("curve") && (
        <CurveCard packed={packCurve(curve)} axes={keptAxes(lineAxes, view.collapse)} />
      )}
      {!empty && shows.has("heat") && (
        <HeatCard
          packed={packGrid(fetchGrid(scope, view))}
          axes={{ x: view.x, y: view.y }}
          metric={scope.metric}
        />
      )}
      {!empty && shows.has("multiples") && <MultiplesPart scope={scope} view={view} />}
      {!empty && shows.has("parallel") && <ParallelPart scope={scope} view={view} />}
      {!empty && shows.has("size") && <SizePart scope={scope} view={view} />}
      {shows.has("trials") && (
        <TrialTable
          metric={scope.metric}
          version={scope.store.generation}
          usual={usualColumns.filter((name) =>
            name === "gain" ? choices.layer0 : !isFilterAxis(name) || !isBare(choices.values[name]),
          )}
          offered={columnNames.filter(
            (name) =>
              !(extraMetrics as readonly string[]).includes(name) || choices.metrics.includes(name),
          )}
        />
      )}
    </div>
  );
}

/** Whether no trial has a value: then a column of it says nothing. */
function isBare(values: readonly Choice[]): boolean {
  return values.every(({ value }) => value === none);
}

function MultiplesPart({ scope, view }: Props) {
  const panels = fetchPanels(scope, view);
  const dashed = panels.panels.some(({ baselines }) => baselines.length > 0)
    ? " Dashed: baseline."
    : "";
  return (
    <ChartCard
      title="Small multiples"
      file="small-multiples"
      table={panelTable(panels)}
      controls={<PanelPicker />}
      caption={`The best ${view.lines} lines of each panel, all on one scale; the same colour is the same line everywhere.${dashed}`}
    >
      <SmallMultiples panels={panels} />
    </ChartCard>
  );
}

function ParallelPart({ scope, view }: Props) {
  const { drawn, total } = fetchCombinations(scope, view);
  const keys = keptAxes(axes, view.collapse);
  return (
    <ChartCard
      title="Parallel coordinates"
      file="parallel-coordinates"
      table={{
        columns: [...keys, scope.metric, "trials"],
        rows: drawn.map(({ values, mean, trials }) => [
          ...keys.map((axis) => values[axis] ?? null),
          mean,
          trials,
        ]),
      }}
      caption={
        drawn.length < total
          ? `${formatCount(drawn.length)} of ${counted(total, "combination")} drawn, evenly by rank; filter or collapse to see each one.`
          : `${total === 1 ? "The only combination" : `Every one of ${counted(total, "combination")}`}. Drag along an axis to brush it, click a value to mark it; brushes mark every chart.`
      }
    >
      <ParallelCoordinates combinations={drawn} metric={scope.metric} />
    </ChartCard>
  );
}

function SizePart({ scope, view }: Props) {
  const { drawn, total, unknown } = fetchSizes(scope, view);
  const keys = keptAxes(
    axes,
    view.collapse.filter((axis) => axis !== "model" && axis !== "layer"),
  );
  return (
    <ChartCard
      title={`${metricTitle(scope.metric)} against model size`}
      file="model-size"
      table={{
        columns: [...keys, "parameters", scope.metric, "low", "high", "trials"],
        rows: drawn.map((dot) => [
          ...keys.map((axis) => dot.values[axis] ?? null),
          dot.parameters,
          dot.mean,
          dot.low,
          dot.high,
          dot.trials,
        ]),
      }}
      caption={`One dot per line of the layer curve, at its best layer${drawn.length < total ? `; the best ${formatCount(drawn.length)} of ${formatCount(total)}` : ""}. Parameters on a logarithmic scale.${unknown > 0 ? ` ${counted(unknown, "line")} of models of unknown size ${unknown === 1 ? "is" : "are"} not here.` : ""}`}
    >
      {drawn.length > 0 && <SizeScatter dots={drawn} metric={scope.metric} />}
    </ChartCard>
  );
}
