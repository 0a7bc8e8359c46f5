/** @file Where a training stands: plain values, which together with its tensors let it go on later. */

import type { ClassificationReport, RegressionReport } from "./report.ts";

/** One evaluation on the validation part, and what training did since the one before. */
export type Point = {
  /** 1, 2, 3, ...; epochs where nothing else was asked for. */
  readonly evaluation: number;
  /** Epochs done, with the fraction of the one under way. */
  readonly epoch: number;
  readonly step: number;
  /** Mean over the rows since the last evaluation, as it was minimised. */
  readonly trainLoss: number;
  readonly learningRate: number;
  /** Null where there is no validation part. */
  readonly validation: ValidationPoint | null;
};

export type ValidationPoint = {
  readonly loss: number;
  readonly scores: Readonly<Record<string, number>>;
};

export type Progress = {
  /** Updates done. */
  readonly step: number;
  readonly epoch: number;
  /** Updates done of the epoch under way. */
  readonly update: number;
  readonly points: readonly Point[];
  /** The evaluation with the highest watched score, the first of equals. */
  readonly best: { readonly evaluation: number; readonly score: number } | null;
  /** Sum of the losses of updates since the last evaluation, and their number. */
  readonly losses: { readonly sum: number; readonly count: number };
  /** Most rows computed at once: fewer than the batch where memory did not suffice. */
  readonly pieceRows: number;
  readonly finished: "all epochs" | "early" | null;
};

export const startOf = (batchSize: number): Progress => ({
  step: 0,
  epoch: 0,
  update: 0,
  points: [],
  best: null,
  losses: { sum: 0, count: 0 },
  pieceRows: batchSize,
  finished: null,
});

/** The score that early stopping watches, higher is better: macro F1, or R² of a regression. */
export const watchedScore = { classification: "macroF1", regression: "r2" } as const;

/** The scores of a report by name, without its tables. */
export function scoresOf(report: ClassificationReport | RegressionReport): Record<string, number> {
  return Object.fromEntries(
    Object.entries(report).filter(
      (entry): entry is [string, number] => typeof entry[1] === "number",
    ),
  );
}

/** Adds an evaluation; says whether it is the best so far. */
export function withPoint(
  progress: Progress,
  point: Point,
  watched: string,
): { readonly progress: Progress; readonly improved: boolean } {
  const score = point.validation?.scores[watched];
  const improved =
    score !== undefined && score > (progress.best?.score ?? Number.NEGATIVE_INFINITY);
  return {
    progress: {
      ...progress,
      points: [...progress.points, point],
      losses: { sum: 0, count: 0 },
      best: improved ? { evaluation: point.evaluation, score } : progress.best,
    },
    improved,
  };
}
