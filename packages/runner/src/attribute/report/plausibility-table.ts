/** @file A table of how plausible methods are: means over texts with their intervals. */

import { type Summary, summarise } from "@probegrid/probes/statistics";
import { type GoldTexts, textPlausibility } from "../gold-words.ts";
import { fineRows, type Series } from "./tables.ts";

export type PlausibilityRow = {
  readonly dataset: string;
  readonly model: string;
  readonly method: string;
  readonly texts: number;
  readonly measures: Readonly<
    Record<"precision" | "chance" | "signs" | "correlation", Summary | null>
  >;
};

/** Plausibility of a method: scores are turned towards the positive class, the last of the labels. */
export function plausibilityOf(
  series: Series,
  gold: GoldTexts,
  { positive, text }: { readonly positive: string; readonly text: (row: number) => string },
): PlausibilityRow {
  const { dataset, model, method } = series;
  const found = fineRows(series, 1).flatMap((row) => {
    const own = textPlausibility(row, { gold, positive, text: text(row.row) });
    return own === null ? [] : [own];
  });
  const over = (name: "precision" | "chance" | "signs" | "correlation"): Summary | null => {
    const values = found.map((one) => one[name]).filter((value) => value !== null);
    return values.length === 0 ? null : summarise(values, { testToTrain: 0 });
  };
  // Scores that are never negative have no sign to be right about.
  const signed = series.rows.some((row) => row.error === null && row.scores.some((s) => s < 0));
  const measures = {
    ...{ precision: over("precision"), chance: over("chance") },
    ...{ signs: signed ? over("signs") : null, correlation: signed ? over("correlation") : null },
  };
  return { dataset, model, method, texts: found.length, measures };
}
