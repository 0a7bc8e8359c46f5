/** @file Which columns of a record are text, its pair and label, where nobody says. */

import { ExperimentError, unknownName } from "../../errors.ts";
import type { SourceRecord } from "./source.ts";

export type NamedColumns = {
  readonly text: string;
  readonly textPair: string | null;
  readonly label: string;
};

const pairs = [
  ["sentence1", "sentence2"],
  ["premise", "hypothesis"],
  ["question1", "question2"],
  ["question", "sentence"],
  ["text1", "text2"],
] as const;
const texts = [
  "text",
  "sentence",
  "content",
  "review",
  "tweet",
  "statement",
  "question",
  "document",
];
const labels = ["label", "labels", "target", "class", "category", "score", "coarse_label"];

/** Columns that were named, and the others by their usual names. */
export function chooseColumns(
  record: SourceRecord,
  given: Readonly<Partial<NamedColumns>>,
  id: string,
): NamedColumns {
  const names = Object.keys(record);
  for (const column of [given.text, given.textPair, given.label]) {
    if (column === undefined || column === null || names.includes(column)) continue;
    throw new ExperimentError(`dataset "${id}": ${unknownName("column", column, names)}`);
  }
  const pair =
    given.text === undefined
      ? pairs.find((two) => two.every((one) => names.includes(one)))
      : undefined;
  const text = given.text ?? pair?.[0] ?? texts.find((one) => names.includes(one));
  const label = given.label ?? labels.find((one) => names.includes(one));
  if (text !== undefined && label !== undefined) {
    return { text, label, textPair: given.textPair ?? pair?.[1] ?? null };
  }
  const what = text === undefined ? "--text" : "--label";
  throw new ExperimentError(`dataset "${id}": say ${what}, the columns are ${names.join(", ")}`);
}
