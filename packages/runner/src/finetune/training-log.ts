/** @file What a training says in the terminal: what begins, a live line, one line per evaluation. */

import type { Point } from "@probegrid/probes";
import { formatCount, formatDuration, plural } from "../format.ts";
import type { Log } from "../log.ts";
import type { FinetuneWork, TrainingNews } from "./train-checkpoint.ts";

type Shown = Pick<FinetuneWork, "dataset" | "checkpoint" | "settings"> & {
  /** What its live line begins with; where it is not "train", several run at once and every line says which. */
  readonly name?: string;
};

/** Shows a training's news in a log. */
export function createTrainingLog(
  log: Log,
  { dataset, checkpoint, settings, name = "train" }: Shown,
): (news: TrainingNews) => void {
  const line = (text: string): void => log.line(name === "train" ? text : `${name}  ${text}`);
  let total = 0;
  let first = 0;
  let begun = 0;
  let loss = Number.NaN;
  let tokens = 0;
  const seconds = (): number => (performance.now() - begun) / 1000;
  return (news) => {
    switch (news.kind) {
      case "begin":
        total = news.totalSteps;
        first = news.step;
        begun = performance.now();
        line(
          `train ${checkpoint.name} on ${dataset.name}: ${plural(dataset.texts.length, "text")}, at most ${plural(settings.maxEpochs, "epoch")}, ${plural(total, "update")}`,
        );
        for (const warning of news.warnings) line(`note: ${warning}`);
        if (first > 0) line(`goes on after update ${formatCount(first)}`);
        line(header(dataset.task));
        for (const point of news.points) line(pointLine(point, false));
        return;
      case "update": {
        loss = Number.isNaN(loss) ? news.loss : 0.95 * loss + 0.05 * news.loss;
        tokens += news.tokens;
        const rate = (news.step - first) / seconds();
        log.progress(name, {
          done: news.step,
          total,
          unit: "updates",
          share: news.step / total,
          failed: 0,
          rate: `loss ${loss.toFixed(3)}  ${formatCount(tokens / seconds())} tokens/s`,
          secondsLeft: (total - news.step) / rate,
        });
        return;
      }
      case "evaluation":
        line(pointLine(news.point, news.improved));
        return;
      case "pruned":
        line(news.note);
        return;
      case "smaller pieces":
        line(`note: memory did not suffice, batches are computed in pieces of ${news.rows}`);
        return;
      case "working":
    }
  };
}

const header = (task: "classification" | "regression"): string =>
  [
    "epoch".padStart(6),
    "update".padStart(8),
    "train loss".padStart(11),
    "valid. loss".padStart(12),
    ...(task === "classification" ? ["accuracy", "macro F1"] : ["R²", "MSE"]).map((name) =>
      name.padStart(9),
    ),
  ].join("");

/** One evaluation as a row under the header; a star marks the best so far. */
function pointLine({ epoch, step, trainLoss, validation }: Point, improved: boolean): string {
  const number = (value: number | undefined, width: number): string =>
    (value === undefined ? "–" : value.toFixed(4)).padStart(width);
  const scores = validation?.scores;
  const shown =
    scores && "r2" in scores ? [scores.r2, scores.mse] : [scores?.accuracy, scores?.macroF1];
  return [
    epoch.toFixed(2).padStart(6),
    formatCount(step).padStart(8),
    number(trainLoss, 11),
    number(validation?.loss, 12),
    ...shown.map((score) => number(score, 9)),
    improved ? "  *" : "",
  ].join("");
}

/** "12 updates in 3.2 s, 3.75 updates/s". */
export const paceLine = ({ steps, seconds }: { steps: number; seconds: number }): string =>
  `${plural(steps, "update")} in ${formatDuration(seconds)}, tokenizing and scoring included`;
