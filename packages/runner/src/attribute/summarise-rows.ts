/** @file Rows of one trial as scores of the grid: means over texts with their intervals. */

import { summarise } from "@probegrid/probes/statistics";
import type { AttributionRecord, FinishedTrial, SummaryRecord } from "../store/index.ts";

type Scores = Pick<FinishedTrial, "scores" | "summaries" | "flags">;

/** Measures of a text that become a score: everything that is one number. */
function numbersOf(record: AttributionRecord): ReadonlyMap<string, number> {
  if (record.error !== null) return new Map();
  const entries = Object.entries(record.measures).filter(
    (entry): entry is [string, number] => typeof entry[1] === "number" && Number.isFinite(entry[1]),
  );
  return new Map(entries);
}

/** One score per measure, its interval over texts, and flags for what went wrong. */
export function summariseRows(
  records: readonly AttributionRecord[],
  truth: (row: number) => string | null,
): Scores {
  const explained = records.filter((record) => record.error === null);
  const values = new Map<string, number[]>([
    ["explained", records.map((record) => (record.error === null ? 1 : 0))],
  ]);
  const add = (metric: string, value: number): void => {
    const known = values.get(metric);
    if (known === undefined) values.set(metric, [value]);
    else known.push(value);
  };
  for (const record of explained) {
    const label = truth(record.row);
    if (label !== null) add("accuracy", record.predicted === label ? 1 : 0);
    for (const [metric, value] of numbersOf(record)) add(metric, value);
  }
  const summaries = [...values].map(([metric, all]): SummaryRecord => {
    // Texts are independent: no test rows are shared between them.
    return { metric, folds: 1, ...summarise(all, { testToTrain: 0 }) };
  });
  const unconverged = explained.filter(({ marks }) => marks.length > 0).length;
  return {
    scores: summaries.map(({ metric, mean }) => ({ metric, fold: 0, value: mean })),
    summaries,
    flags: [
      ...(unconverged > 0 ? [`${unconverged} of ${explained.length} texts marked`] : []),
      ...(explained.length < records.length
        ? [`${records.length - explained.length} of ${records.length} texts not explained`]
        : []),
    ],
  };
}
