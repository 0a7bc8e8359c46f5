/** @file Faithfulness: what happens when the highest words are taken out, and every measure with its interval. */

import { counted, formatScore, metricLabel, metricTitle } from "@/lib/format";
import {
  betterWhenMore,
  type DeletionCurve,
  fetchCurves,
  fetchMeasures,
  type MeasureRow,
} from "@/lib/queries/attribution-faithful";
import { isRandom } from "@/lib/queries/attribution-groups";
import { shorten } from "@/lib/shorten";
import { ChartCard } from "../chart-card";
import { FittedPlot } from "../charts/fitted-plot";
import { DotPanels } from "./dot-panels";
import { Notice } from "./empty";
import type { Found } from "./frame";
import { LineLegend } from "./line-legend";
import { methodLook } from "./method-look";
import { Segment } from "./pickers";

/** Curves above, measures below. */
export function FaithfulnessPart(found: Found) {
  const { store, methods } = found;
  const measures = fetchMeasures(store, methods);
  return (
    <>
      <CurveCard {...found} />
      {measures.length === 0 ? (
        <Notice title="No measure yet">
          <p>Means over texts appear when a method has gone through all of them.</p>
        </Notice>
      ) : (
        <MeasureCard found={found} measures={measures} />
      )}
    </>
  );
}

function CurveCard({ store, view, group, methods }: Found) {
  const curves = fetchCurves(store, { group, methods }, view.curve).filter(
    ({ points }) => points.length > 0,
  );
  const controls = (
    <Segment
      name="curve"
      label="What is drawn"
      options={[
        ["kept", "Right answers kept"],
        ["output", "Output"],
      ]}
    />
  );
  if (curves.length === 0) {
    return (
      <Notice title="Words taken out">
        {controls}
        <p>
          {view.curve === "kept"
            ? `No text of at least ${group.minTokens} tokens was classified right${group.labels === null ? ": this dataset has values, no classes" : ""}. The output itself may still be shown.`
            : "No text was measured."}
        </p>
      </Notice>
    );
  }
  const most = Math.max(...curves.map(({ points }) => points.length)) - 1;
  const values = curves.flatMap(({ points }) =>
    points.flatMap(({ mean, low, high }) => [mean, low ?? mean, high ?? mean]),
  );
  const range: readonly [number, number] =
    view.curve === "kept" ? [0, 1.02] : [Math.min(0, ...values), Math.max(...values) * 1.02];
  const texts = Math.max(...curves.map((curve) => curve.texts));
  const what = {
    pad: "padding",
    mask: "the mask token",
    delete: "nothing",
    mean: "the mean embedding",
  };
  const instead = what[group.perturbation as keyof typeof what] ?? group.perturbation;
  return (
    <ChartCard
      title="Words taken out, highest first"
      file={`deletion-${view.curve}`}
      controls={controls}
      table={{
        columns: ["method", "k", "mean", "low", "high", "texts"],
        rows: curves.flatMap(({ method, points, texts: own }) =>
          points.map(({ mean, low, high }, k) => [method, k, mean, low, high, own]),
        ),
      }}
      caption={
        <>
          <LineLegend lines={curves.map((curve) => legendOf(curve, group.methods))} />
          <p className="mt-1.5">
            {view.curve === "kept"
              ? `Share of ${counted(texts, "text")} (classified right, at least ${group.minTokens} tokens) that keep the answer after k tokens are taken out.`
              : `Mean output for what is explained (a probability, where there are classes) of ${counted(texts, "text")} after k tokens are taken out.`}{" "}
            Taken-out tokens are replaced by {instead}; special tokens stay. Bands are 95 %
            intervals over texts. A curve that falls faster than the random one finds words that
            matter; the number beside a name is its mean over k = 1 to {most}. Press a name to bring
            its curve to the front.
          </p>
        </>
      }
    >
      <FittedPlot
        name={`${view.curve === "kept" ? "Answers kept" : "Output"} after 0 to ${most} words are taken out, ${counted(curves.length, "method")}`}
        width={1040}
        height={360}
        x={{ label: "words taken out", range: [0, most], whole: true }}
        y={{ label: view.curve === "kept" ? "answers kept" : "output", range }}
        series={curves
          .toSorted((a, b) => Number(a.method === view.method) - Number(b.method === view.method))
          .map((curve) =>
            seriesOf(curve, {
              ...{ group, focus: view.method },
              most: view.curve === "kept" ? 1 : Number.POSITIVE_INFINITY,
            }),
          )}
      />
    </ChartCard>
  );
}

type Drawn = {
  readonly group: Found["group"];
  readonly focus: string | null;
  /** No share is above it, though an interval may be. */
  readonly most: number;
};

function seriesOf({ method, points }: DeletionCurve, { group, focus, most }: Drawn) {
  const { colour, dash } = methodLook(group.methods, method);
  const front = focus === method;
  return {
    colour,
    dash,
    width: front ? 3 : 1.9,
    opacity: focus === null || front || isRandom({ label: method }) ? 1 : 0.35,
    points: points.map(({ mean }, k) => [k, mean] as const),
    bandOpacity: front ? 0.25 : focus === null ? 0.07 : 0,
    band: points.flatMap(({ low, high }, k) =>
      low === null || high === null ? [] : [[k, Math.max(0, low), Math.min(most, high)] as const],
    ),
  };
}

function legendOf({ method, points }: DeletionCurve, all: Found["group"]["methods"]) {
  const later = points.slice(1).map(({ mean }) => mean);
  const area = later.reduce((sum, mean) => sum + mean, 0) / Math.max(1, later.length);
  return { name: method, ...methodLook(all, method), told: formatScore(area) };
}

type MeasureProps = { readonly found: Found; readonly measures: readonly MeasureRow[] };

/** Measures that say nothing about a method: they are the same for all. */
const shared = new Set(["accuracy", "explained"]);

function MeasureCard({ found: { group }, measures }: MeasureProps) {
  const metrics = [...new Set(measures.map(({ metric }) => metric))];
  const drawn = metrics.filter((metric) => !shared.has(metric));
  return (
    <ChartCard
      title="Measures"
      file="faithfulness"
      table={{
        columns: ["measure", "better", "method", "mean", "low", "high"],
        rows: metrics.flatMap((metric) =>
          measures
            .filter((one) => one.metric === metric)
            .map(({ method, mean, low, high }) => [metric, arrow(metric), method, mean, low, high]),
        ),
      }}
      caption={`Means over texts with 95 % intervals, on the axis of each measure. ${measuresShared(measures)} Docs: comprehensiveness and sufficiency of DeYoung et al. 2020, infidelity of Yeh et al. 2019, randomisation checks of Adebayo et al. 2018. Plausibility, where the experiment names SST trees, is agreement with the sentiment that people gave the words: average precision of |score| at finding words with a sentiment, share of those whose score has its sign, Spearman's correlation.`}
    >
      <DotPanels
        name={`Measures of ${counted(group.methods.length, "method")}: ${drawn.map(metricLabel).join(", ")}`}
        axis=""
        columns={3}
        wide={390}
        left={150}
        panels={drawn.map((metric) => ({
          title: `${metricTitle(metric)}${arrow(metric) === "" ? "" : `: ${arrow(metric)} is better`}`,
          limits: limitsOf(metric),
          rows: measures
            .filter((one) => one.metric === metric)
            .map(({ method, mean, low, high }) => ({
              ...{ mean, low, high, name: shorten(method, 20) },
              colour: methodLook(group.methods, method).colour,
              faint: isRandom({ label: method }),
            })),
        }))}
      />
    </ChartCard>
  );
}

/** What a measure can be at all; few texts have intervals beyond it. */
function limitsOf(metric: string): readonly [number, number] {
  if (/Area$|^plausibility(Signs)?$/.test(metric)) return [0, 1];
  if (/^(infidelity|maxSensitivity)$/.test(metric)) return [0, Number.POSITIVE_INFINITY];
  return [-1, 1]; // differences of probabilities, rank correlations
}

function arrow(metric: string): string {
  const more = betterWhenMore.get(metric);
  return more === undefined ? "" : more ? "more" : "less";
}

function measuresShared(measures: readonly MeasureRow[]): string {
  const of = (metric: string) => measures.find((one) => one.metric === metric)?.mean;
  const [accuracy, explained] = [of("accuracy"), of("explained")];
  return [
    accuracy === undefined
      ? ""
      : `The model classifies ${formatScore(accuracy)} of these texts right.`,
    explained === undefined || explained === 1
      ? ""
      : `${formatScore(explained)} could be explained.`,
  ]
    .join(" ")
    .trim();
}
