/** @file Scores of a classifier as tables: against the majority, per class, and who is taken for whom. */

import { shortText } from "../plain-text.ts";
import { tableLines } from "../table.ts";
import type { Evaluation } from "./evaluate-rows.ts";

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
const score = (value: number): string => value.toFixed(4);

/** The lines that `finetune` and `evaluate` print. */
export function* reportLines(evaluation: Evaluation): Generator<string> {
  yield "";
  if (evaluation.task === "regression") {
    const { report, baseline } = evaluation;
    yield* tableLines(
      [
        { title: "", cell: ([name]: ValueRow) => name },
        { title: "model", right: true, cell: ([, own]) => score(own) },
        {
          title: "always the mean",
          right: true,
          cell: ([, , mean]) => (mean === null ? null : score(mean)),
        },
      ],
      [
        ["MSE", report.mse, baseline.mse],
        ["MAE", report.mae, null],
        ["R²", report.r2, 0],
      ] as const,
    );
    return;
  }
  const { labels, report, baseline } = evaluation;
  yield* tableLines(
    [
      { title: "", cell: ([name]: ValueRow) => name },
      { title: "model", right: true, cell: ([, own]) => score(own) },
      {
        title: `always "${shown(baseline.label)}"`,
        right: true,
        cell: ([, , other]) => score(other ?? 0),
      },
    ],
    [
      ["accuracy", report.accuracy, baseline.accuracy],
      ["macro F1", report.macroF1, baseline.macroF1],
    ] as const,
  );
  yield "";
  yield* tableLines(
    [
      { title: "class", cell: ({ label }: ClassRow) => label },
      { title: "precision", right: true, cell: ({ precision }) => score(precision) },
      { title: "recall", right: true, cell: ({ recall }) => score(recall) },
      { title: "F1", right: true, cell: ({ f1 }) => score(f1) },
      { title: "texts", right: true, cell: ({ support }) => String(support) },
    ],
    report.perClass.map((one, c): ClassRow => ({ ...one, label: shown(labels[c]!) })),
  );
  if (labels.length > mostColumns) {
    yield "";
    yield `confusion of ${labels.length} classes: add --json`;
    return;
  }
  yield "";
  yield* tableLines(
    [
      { title: "true \\ predicted", cell: ({ label }: ConfusionRow) => label },
      ...labels.map((label, c) => ({
        title: shown(label),
        right: true,
        cell: ({ counts }: ConfusionRow) => {
          const total = counts.reduce((a, b) => a + b, 0);
          return total === 0 ? null : percent(counts[c]! / total);
        },
      })),
    ],
    report.confusion.map((counts, c): ConfusionRow => ({ label: shown(labels[c]!), counts })),
  );
}

/** Class names as tables have room for them. */
const shown = (label: string): string => shortText(label, 32);

/** Classes whose confusion still fits a terminal. */
const mostColumns = 12;

type ValueRow = readonly [string, number, number | null];
type ClassRow = {
  readonly label: string;
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  readonly support: number;
};
type ConfusionRow = { readonly label: string; readonly counts: readonly number[] };
