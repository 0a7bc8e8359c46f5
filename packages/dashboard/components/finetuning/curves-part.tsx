/** @file Loss and score while training, side by side, with the legend that chooses a training. */

"use client";

import { formatScore, metricTitle } from "@/lib/format";
import type { Tuning } from "@/lib/tuning";
import { ChartCard } from "../chart-card";
import { lineColour } from "../charts/line-look";
import { cn } from "../ui/cn";
import { useView } from "../view-context";
import type { DrawnTraining } from "./drawn-training";
import { LearningCurves } from "./learning-curves";

type Props = {
  readonly trainings: readonly DrawnTraining[];
  readonly total: number;
  readonly watched: Tuning["watched"];
};

/** Two charts and their common legend. */
export function CurvesPart({ trainings, total, watched }: Props) {
  const { view, change } = useView();
  const metrics = [
    ...new Set(trainings.flatMap(({ points }) => points.map(({ metric }) => metric))),
  ].filter((metric) => metric !== "loss");
  const shown = metrics.find((metric) => metric === view.metric) ?? watched;
  const chosen = trainings.find(({ id }) => id === view.trial)?.id ?? null;
  const left =
    trainings.length < total
      ? `The best ${trainings.length} of ${total} trainings, and those that run.`
      : "";
  return (
    <section aria-label="Curves" className="space-y-2">
      <div className="grid gap-4 lg:grid-cols-2">
        <ChartCard
          title="Loss"
          file="loss-curves"
          table={tableOf(trainings, ["loss"])}
          caption={`Solid: validation rows. Dashed: training rows, mean since the evaluation before. ${left}`}
        >
          <LearningCurves trainings={trainings} metric="loss" chosen={chosen} />
        </ChartCard>
        <ChartCard
          title={metricTitle(shown)}
          file={`${shown}-curves`}
          table={tableOf(trainings, [shown])}
          caption={
            shown === "learningRate"
              ? `The rate of the update before each evaluation. ${left}`
              : `On the validation rows, at each evaluation. ${left}`
          }
          controls={
            <label className="flex items-center gap-1.5 text-[12.5px] text-soft">
              <span className="sr-only">Metric of the second chart</span>
              <select
                className="field h-7"
                value={shown}
                onChange={(event) => change({ metric: event.target.value })}
              >
                {metrics.map((metric) => (
                  <option key={metric} value={metric}>
                    {metricTitle(metric)}
                  </option>
                ))}
              </select>
            </label>
          }
        >
          <LearningCurves trainings={trainings} metric={shown} chosen={chosen} />
        </ChartCard>
      </div>
      <ul className="flex flex-wrap gap-x-1 gap-y-0.5" aria-label="Trainings">
        {trainings.map(({ id, place, label, best, state }) => (
          <li key={id}>
            <button
              type="button"
              aria-pressed={id === chosen}
              onClick={() => change({ trial: id === chosen ? null : id })}
              className={cn(
                "flex items-center gap-1.5 rounded-md px-1.5 py-0.5 text-left text-[12.5px] hover:bg-sunk",
                id === chosen && "bg-sunk font-medium",
              )}
            >
              <span
                aria-hidden
                className="h-[3px] w-[18px] shrink-0 rounded"
                style={{ background: lineColour(place) }}
              />
              <span className="break-words">{label}</span>
              <span className="numbers text-soft">
                {formatScore(best?.value)}
                {state === "running" && ", running"}
              </span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function tableOf(trainings: readonly DrawnTraining[], metrics: readonly string[]) {
  return {
    columns: ["trial", "training", "part", "evaluation", "epoch", "update", "metric", "value"],
    rows: trainings.flatMap(({ id, label, points }) =>
      points
        .filter(({ metric }) => metrics.includes(metric))
        .map(({ part, evaluation, epoch, step, metric, value }) => [
          ...[id, label, part],
          ...[evaluation, epoch, step],
          ...[metric, value],
        ]),
    ),
  };
}
