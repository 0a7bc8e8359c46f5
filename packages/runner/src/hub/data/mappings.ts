/** @file How records become rows, and what groups of data sets share. */

import type { DataSource, HubSource, Part, SourceRecord, SourceRow } from "./source.ts";

type RowOf = DataSource["row"];

/** A class by its number; true and false are 1 and 0; below zero means that there is none. */
export function classRow(text: string, label: string): RowOf {
  return (record) => {
    const value = record[label];
    const index =
      typeof value === "boolean" || /^(true|false)$/i.test(`${value}`)
        ? Number(`${value}`.toLowerCase() === "true")
        : numberOf(record, label);
    return index < 0 ? null : { text: textOf(record, text), label: index };
  };
}

/** The same for two texts. */
export function pairRow(first: string, second: string): RowOf {
  return (record) => {
    const row = classRow(first, "label")(record);
    return row && { ...row, textPair: textOf(record, second) };
  };
}

/** A score brought to 0 to 1. */
export function scaledRow(text: string, label: string, scale: (value: number) => number): RowOf {
  return (record) => ({ text: textOf(record, text), label: scale(numberOf(record, label)) });
}

/** Only rows with these labels. */
export function keepLabels(labels: readonly number[], row: RowOf): RowOf {
  return (record) => {
    const made = row(record);
    return made !== null && labels.includes(Number(made.label)) ? made : null;
  };
}

/** `Trump <wins/> again` with the edit in place of the word in brackets, as `edited`. */
export function fillEdit(row: RowOf): RowOf {
  return (record) => {
    const original = textOf(record, "original");
    const edited = original.replace(/<[^>]*>/, () => textOf(record, "edit"));
    return row({ ...record, edited });
  };
}

/** `DESC:manner How did ...`: the coarse class in front of the colon. */
export function trecRow(classes: readonly string[]): RowOf {
  return (record): SourceRow => {
    const [coarse = ""] = textOf(record, "label").split(":");
    const label = classes.indexOf(coarse);
    if (label < 0)
      throw new Error(`unknown class "${coarse}", expected one of ${classes.join(", ")}`);
    return { text: textOf(record, "text"), label };
  };
}

/** A data set of the hub, its splits in order and the part that each is. */
export function bySplits(
  id: string,
  splits: Readonly<Record<string, Part | null>>,
  config: string | null = null,
): Pick<DataSource, "home"> & { readonly from: HubSource } {
  return {
    home: `https://huggingface.co/datasets/${id}`,
    from: { kind: "hub", id, config, splits: Object.entries(splits) },
  };
}

/** One task of GLUE. The labels of its test rows are withheld, but for MRPC. */
export function glue(task: string, test: { readonly test?: "test" } = {}) {
  const parts = { train: "train", validation: "validation", ...test } as const;
  const licence = "see gluebenchmark.com/tasks";
  return { task: "classification", licence, ...bySplits("nyu-mll/glue", parts, task) } as const;
}

const sentEvalHome =
  "https://raw.githubusercontent.com/facebookresearch/SentEval/main/data/probing";

/** One of SentEval's probing tasks: labels are names, in the order of their characters. */
export function sentEval(file: string, title: string): DataSource {
  return {
    ...{ title: `SentEval ${title}`, topic: "Linguistic probing", task: "classification" },
    ...{ labels: null, licence: "BSD", rows: null },
    home: "https://github.com/facebookresearch/SentEval",
    from: {
      kind: "url",
      files: [{ url: `${sentEvalHome}/${file}.txt`, part: null, format: "senteval" }],
    },
    row: (record) => ({ text: textOf(record, "text"), label: textOf(record, "label") }),
  };
}

export function textOf(record: SourceRecord, name: string): string {
  const value = record[name];
  if (typeof value === "string") return value;
  throw new Error(`expected a text in "${name}", got ${JSON.stringify(value) ?? "nothing"}`);
}

/** Numbers come as texts from csv and as bigint from parquet. */
export function numberOf(record: SourceRecord, name: string): number {
  const value = record[name];
  const number = typeof value === "bigint" || typeof value === "string" ? Number(value) : value;
  if (typeof number === "number" && Number.isFinite(number) && value !== "") return number;
  throw new Error(`expected a number in "${name}", got ${JSON.stringify(`${value}`)}`);
}
