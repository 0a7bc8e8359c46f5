/** @file Probing and attribution by layer in one chart: where the information is, and where the model reads it. */

import { Command } from "@/components/empty";
import { formatScore, metricTitle } from "@/lib/format";
import { fetchUse, type UsePoint } from "@/lib/queries/attribution-layers";
import {
  chooseProbe,
  fetchProbeChoices,
  fetchProbeLine,
  type ProbeLine,
} from "@/lib/queries/attribution-probes";
import { ChartCard } from "../chart-card";
import type { Found } from "./frame";
import { LineLegend } from "./line-legend";
import { methodLook } from "./method-look";
import { Segment } from "./pickers";
import { ProbePicker } from "./probe-picker";
import { type StackedPanel, StackedPlot } from "./stacked-plot";

type Props = { readonly found: Found; readonly layered: Found["methods"] };

const measures = {
  words: {
    axis: "share on words",
    told: "share of a layer's absolute score that lies on words instead of special tokens: where it falls, the model has moved what it needs elsewhere",
  },
  spread: {
    axis: "words in effect",
    told: "share of the words over which a layer's score is spread, exp(entropy) / words: 1 is all alike, near 0 a single word",
  },
} as const;

/** Two panels over the same layers; what is missing is said below. */
export function UseCard({ found: { store, view, group }, layered }: Props) {
  const choices = fetchProbeChoices(store, group);
  const chosen = chooseProbe(choices, view.probe);
  const probe = chosen === undefined ? null : fetchProbeLine(store, chosen);
  const uses = layered.map((trial) => ({
    method: trial.label,
    points: fetchUse(store, { group, trial }, view.use),
  }));
  const drawn = uses.filter(({ points }) => points.length > 0);
  if (probe === null && drawn.length === 0) return null;
  const { axis, told } = measures[view.use];
  const best = probe === null ? null : bestOf(probe);
  const panels: readonly StackedPanel[] = [
    ...(probe === null
      ? []
      : [
          {
            axis: `probing ${probe.metric}`,
            lines: [
              {
                name: probe.label,
                colour: "var(--ink)",
                dash: "none",
                points: within(probe.points),
              },
            ],
            mark: best,
          },
        ]),
    ...(drawn.length === 0
      ? []
      : [
          {
            axis,
            lines: drawn.map(({ method, points }) => ({
              ...methodLook(group.methods, method),
              name: method,
              points,
            })),
            mark: null,
          },
        ]),
  ];
  return (
    <ChartCard
      title="Where the information is, and where the model reads it"
      file="layers"
      controls={
        <>
          <ProbePicker choices={choices.map(({ name }) => name)} chosen={chosen?.name ?? null} />
          <Segment
            name="use"
            label="Use by layer"
            options={[
              ["words", "Share on words"],
              ["spread", "Words in effect"],
            ]}
          />
        </>
      }
      table={{
        columns: ["what", "measure", "layer", "mean", "low", "high"],
        rows: [
          ...(probe === null ? [] : rowsOf(probe.label, `probing ${probe.metric}`, probe.points)),
          ...drawn.flatMap(({ method, points }) => rowsOf(method, axis, points)),
        ],
      }}
      caption={
        <>
          <LineLegend
            lines={drawn.map(({ method, points }) => ({
              name: method,
              ...methodLook(group.methods, method),
              told: `${formatScore(points[0]?.mean, 2)} to ${formatScore(points.at(-1)?.mean, 2)}`,
            }))}
          />
          <p className="mt-1.5">
            {probe !== null && best !== null && (
              <>
                Probing: {metricTitle(probe.metric)} of a probe on each hidden state ({chosen?.name}
                , {probe.label}), best {formatScore(best.mean)} at layer {best.layer}; its interval
                is over folds.{" "}
              </>
            )}
            {drawn.length > 0 && <>Attribution: {told}; means over texts with 95 % intervals.</>}
          </p>
          {choices.length === 0 && <NoProbes layers={group.layers} />}
        </>
      }
    >
      <StackedPlot
        name={`By layer: ${panels.map((panel) => panel.axis).join(" above ")}`}
        layers={group.layers}
        panels={panels}
      />
    </ChartCard>
  );
}

function NoProbes({ layers }: { layers: number }) {
  return (
    <div className="mt-2 space-y-2">
      <p>
        No model of {layers} layers was probed into this store yet. An experiment with this dataset
        and checkpoint, layer by layer, puts its curve here:
      </p>
      <Command>
        {
          '"models": ["data/checkpoints/polarity"], "poolers": [{ "layer": "each", "token": "mean" }]'
        }
      </Command>
    </div>
  );
}

/** Intervals of a share do not leave 0 to 1, as those of few folds would. */
function within(points: ProbeLine["points"]): ProbeLine["points"] {
  if (points.some(({ mean }) => mean < 0 || mean > 1)) return points;
  return points.map(({ low, high, ...rest }) => ({
    ...rest,
    low: low === null ? null : Math.max(0, low),
    high: high === null ? null : Math.min(1, high),
  }));
}

type Points = readonly Omit<UsePoint, "texts">[];

const rowsOf = (what: string, measure: string, points: Points) =>
  points.map(({ layer, mean, low, high }) => [what, measure, layer, mean, low, high]);

const bestOf = ({ points }: ProbeLine) =>
  points.reduce((best, point) => (point.mean > best.mean ? point : best));
