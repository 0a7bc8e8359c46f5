/** @file The charts of a trial: scores per fold, confusion matrix, ROC, fit, losses. */

import { metricTitle } from "@/lib/format";
import type { Loss, MetricScores } from "@/lib/queries/trial";
import type { Confusion, Fit, RocReport } from "@/lib/trial-report";
import { ChartCard } from "./chart-card";
import { ConfusionMatrix } from "./charts/confusion-matrix";
import { FoldPoints } from "./charts/fold-points";
import { rangeOf } from "./charts/ticks";
import { XyPlot, type XySeries } from "./charts/xy-plot";

/** Every metric, fold by fold: shares on one scale, a metric of its own unit on a scale of its own. */
export function Scores({ scores, id }: { scores: readonly MetricScores[]; id: string }) {
  const overFolds = scores.filter(({ metric }) => !elsewhere.has(metric));
  const [shares, others] = [true, false].map((is) =>
    overFolds.filter(({ metric }) => (metric !== "mse") === is),
  );
  const groups = [shares ?? [], ...(others ?? []).map((one) => [one])];
  return groups
    .filter((own) => own.length > 0)
    .map((own, place) => (
      <ScoresOf key={own[0]?.metric} scores={own} id={id} title={titleOf(own, place)} />
    ));
}

/** Metrics whose values belong to orders of the rows or to permutations; another card has them. */
const elsewhere: ReadonlySet<string> = new Set([
  ...["descriptionLength", "descriptionLengthPaper", "compression", "compressionOverPrior"],
  ...["permutedAccuracy", "permutedR2", "permutationP"],
]);

function titleOf(scores: readonly MetricScores[], place: number): string {
  return place === 0 ? "Scores per fold" : `${metricTitle(scores[0]?.metric ?? "")} per fold`;
}

type ScoresProps = {
  readonly scores: readonly MetricScores[];
  readonly id: string;
  readonly title: string;
};

function ScoresOf({ scores, id, title }: ScoresProps) {
  return (
    <ChartCard
      title={title}
      file={`${title.toLowerCase().replaceAll(" ", "-")}-${id}`}
      caption={`Dots are folds, the bar is their mean, the band its 95 % interval over folds${scores.some(({ itemLow }) => itemLow !== null) ? "; the line below, the interval over items" : ""}.${scores.some(({ baselines }) => baselines.length > 0) ? " Dashed: predictors that read no text, or count its words." : ""}`}
      table={{
        columns: ["metric", "fold", "value"],
        rows: scores.flatMap(({ metric, values }) =>
          values.map(({ fold, value }) => [metric, fold + 1, value]),
        ),
      }}
    >
      <FoldPoints scores={scores} title={title} />
    </ChartCard>
  );
}

/** Whose predictions a confusion matrix of a fine-tuning counts. */
export const checkpointCaption = "What the checkpoint says about the rows of its final scores";

/** Which class was taken for which. */
export function ConfusionCard({
  confusion,
  id,
  caption = "Out-of-fold predictions of all folds",
}: {
  confusion: Confusion;
  id: string;
  caption?: string;
}) {
  return (
    <ChartCard
      title="Confusion matrix"
      file={`confusion-${id}`}
      caption={`${caption}; colour is the share of the true class.`}
      table={{
        columns: ["true", ...confusion.labels],
        rows: confusion.counts.map((row, i) => [confusion.labels[i] ?? "", ...row]),
      }}
    >
      <ConfusionMatrix confusion={confusion} />
    </ChartCard>
  );
}

/** True against false positives, for binary tasks. */
export function RocCard({ roc: { pooled, folds }, id }: { roc: RocReport; id: string }) {
  const area = pooled.area.toFixed(3);
  return (
    <ChartCard
      title="ROC"
      file={`roc-${id}`}
      caption={`Area under the pooled out-of-fold curve: ${area}. Thin lines are single folds; the AUC among the scores is their mean.`}
      table={{
        columns: ["false positive rate", "true positive rate"],
        rows: pooled.points,
      }}
    >
      <XyPlot
        name={`ROC curve, area ${area}`}
        x={{ label: "false positive rate", range: [0, 1] }}
        y={{ label: "true positive rate", range: [0, 1] }}
        series={[
          { points: chance, colour: "var(--faint)", dash: "4 4", width: 1 },
          ...folds.map((points) => ({
            points,
            colour: "var(--line-1)",
            width: 0.8,
            opacity: 0.35,
          })),
          { points: pooled.points, colour: "var(--line-1)", width: 2.4 },
        ]}
      />
    </ChartCard>
  );
}

const chance = [
  [0, 0],
  [1, 1],
] as const;

/** Predicted against true values, for regression. */
export function FitCard({ fit: { points, total }, id }: { fit: Fit; id: string }) {
  return (
    <ChartCard
      title="Predicted against true"
      file={`fit-${id}`}
      caption={
        points.length < total
          ? `${points.length} of ${total} texts drawn, evenly.`
          : "Every tested text."
      }
      table={{ columns: ["true", "predicted"], rows: points }}
    >
      <XyPlot
        name="Predicted against true values"
        x={{ label: "true", range: rangeOf(points.map(([truth]) => truth)) }}
        y={{ label: "predicted", range: rangeOf(points.map(([, predicted]) => predicted)) }}
        series={[{ points, colour: "var(--line-1)", dots: true, width: 2, opacity: 0.4 }]}
      />
    </ChartCard>
  );
}

const lossColours = {
  train: "var(--line-1)",
  validation: "var(--line-2)",
  test: "var(--line-3)",
} as const;

/** Training and validation loss, fold by fold and on average. */
export function Losses({ losses, id }: { losses: readonly Loss[]; id: string }) {
  const parts = [...new Set(losses.map(({ part }) => part))];
  const series = parts.flatMap((part): XySeries[] => {
    const own = losses.filter((loss) => loss.part === part);
    const folds = [...new Set(own.map(({ fold }) => fold))];
    const epochs = [...new Set(own.map(({ epoch }) => epoch))].toSorted((a, b) => a - b);
    const mean = epochs.map((epoch) => {
      const values = own.filter((loss) => loss.epoch === epoch).map(({ value }) => value);
      return [epoch, values.reduce((sum, value) => sum + value, 0) / values.length] as const;
    });
    return [
      ...folds.map((fold) => ({
        points: own
          .filter((loss) => loss.fold === fold)
          .map(({ epoch, value }) => [epoch, value] as const),
        colour: lossColours[part],
        width: 0.8,
        opacity: 0.3,
      })),
      { points: mean, colour: lossColours[part], width: 2.4 },
    ];
  });
  const epochs = losses.map(({ epoch }) => epoch);
  return (
    <ChartCard
      title="Loss per epoch"
      file={`losses-${id}`}
      caption={
        <span className="flex flex-wrap gap-x-4">
          {parts.map((part) => (
            <span key={part} className="inline-flex items-center gap-1.5">
              <span aria-hidden className="h-0.5 w-4" style={{ background: lossColours[part] }} />{" "}
              {part}
            </span>
          ))}
          Bold: mean over the folds still training at that epoch; thin: single folds.
        </span>
      }
      table={{
        columns: ["part", "fold", "epoch", "loss"],
        rows: losses.map(({ part, fold, epoch, value }) => [part, fold, epoch, value]),
      }}
    >
      <XyPlot
        name="Loss per epoch"
        x={{
          label: "epoch",
          range: [Math.min(...epochs), Math.max(...epochs, Math.min(...epochs) + 1)],
          whole: true,
        }}
        y={{ label: "loss", range: rangeOf(losses.map(({ value }) => value)) }}
        series={series}
      />
    </ChartCard>
  );
}
