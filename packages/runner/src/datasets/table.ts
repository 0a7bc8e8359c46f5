/** @file What every reader returns: named columns, and rows that know where they came from. */

import { ExperimentError } from "../errors.ts";

/** A value as the file writes it; null and undefined are missing ones. */
export type Cell = unknown;

/** One row; `at` is its line, or its number where the file is not made of lines. */
export type Row = { readonly at: number; readonly cells: readonly Cell[] };

/** A file, read but not yet understood. */
export type Table = {
  readonly file: string;
  /** What `at` counts. */
  readonly unit: "line" | "row";
  readonly columns: readonly string[];
  /** False when the columns are called by their numbers. */
  readonly named: boolean;
  readonly rows: readonly Row[];
  readonly description: Description;
};

/** What a file says of itself. */
export type Description = {
  readonly name?: string;
  readonly task?: "classification" | "regression";
  /** Names for label values. */
  readonly labelNames?: Readonly<Record<string, string>>;
  /** Number of rows it claims to have. */
  readonly size?: number;
};

/** An error about one row. */
export function badRow(
  table: Pick<Table, "file" | "unit">,
  at: number,
  reason: string,
): ExperimentError {
  return new ExperimentError(
    table.unit === "line"
      ? `${table.file}:${at}: ${reason}`
      : `${table.file}: row ${at}: ${reason}`,
  );
}

/** A value as errors show it. */
export function show(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
