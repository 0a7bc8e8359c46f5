/** @file Reads texts that have no labels: one a line, JSON lines, or a column of a table. */

import { readFileSync } from "node:fs";
import { extname } from "node:path";
import { z } from "zod";
import { findTextColumns } from "./datasets/columns.ts";
import { readTable } from "./datasets/read-table.ts";
import { badRow, show } from "./datasets/table.ts";
import { ExperimentError, messageOf } from "./errors.ts";
import { locate } from "./locate.ts";
import { parseJson } from "./parse-json.ts";

export type Texts = {
  readonly texts: readonly string[];
  /** The second text of each pair; null when no line has one. */
  readonly textPairs: readonly string[] | null;
};

const jsonLine = z.union([
  z.string(),
  z.object({ text: z.string(), textPair: z.string().nullable().optional() }),
]);

/** Columns of a table that texts stand in; those with a usual name are found without. */
type TextColumns = { readonly text?: string | undefined; readonly textPair?: string | undefined };

/**
 * Texts of a .txt or .jsonl file (an empty line of a .txt file is an empty text), or of a column of a
 * .csv, .tsv or .json file; a .jsonl file whose columns are named is a table too.
 */
export function readTexts(path: string, columns: TextColumns = {}): Texts {
  const file = locate(path, { what: "input" });
  const ending = extname(file).toLowerCase();
  const named = columns.text !== undefined || columns.textPair !== undefined;
  if (tables.has(ending) || (named && jsonLines.has(ending))) return readColumns(file, columns);
  if (named) throw new ExperimentError(`${path}: expected a table where columns are named`);
  const lines = readFileSync(file, "utf8")
    .replace(/^\uFEFF/, "")
    .split(/\r?\n/);
  if (lines.at(-1) === "") lines.pop();
  if (lines.length === 0)
    throw new ExperimentError(`${path}: expected at least one text, got none`);
  if (ending === ".txt") return { texts: lines, textPairs: null };
  if (jsonLines.has(ending)) return readJsonLines(path, lines);
  throw new ExperimentError(`${path}: expected a file ending in .txt, .jsonl, .csv, .tsv or .json`);
}

const jsonLines: ReadonlySet<string> = new Set([".jsonl", ".ndjson"]);
const tables: ReadonlySet<string> = new Set([".csv", ".tsv", ".json"]);

function readColumns(file: string, { text, textPair }: TextColumns): Texts {
  const given = {
    ...(text !== undefined && { text }),
    ...(textPair !== undefined && { textPair }),
  };
  const table = readTable(file, given);
  const columns = findTextColumns(table, given);
  const cells = (column: number): readonly string[] =>
    table.rows.map(({ at, cells }) => {
      const value = cells[column];
      if (typeof value === "string") return value;
      const name = table.columns[column];
      throw badRow(table, at, `expected a text in column "${name}", got ${show(value)}`);
    });
  return {
    texts: cells(columns.text),
    textPairs: columns.textPair === null ? null : cells(columns.textPair),
  };
}

function readJsonLines(path: string, lines: readonly string[]): Texts {
  const rows = lines.map((line, i) => {
    const where = `${path}:${i + 1}`;
    let value: unknown;
    try {
      value = parseJson(line);
    } catch (cause) {
      throw new ExperimentError(`${where}: ${messageOf(cause)}`, { cause });
    }
    const row = jsonLine.safeParse(value);
    if (!row.success) {
      const got = line.length > 60 ? `${line.slice(0, 60)}…` : line;
      throw new ExperimentError(
        `${where}: expected a text or {"text": …, "textPair": …}, got ${got}`,
      );
    }
    return typeof row.data === "string" ? { text: row.data } : row.data;
  });
  const paired = rows.some((row) => "textPair" in row && row.textPair != null);
  return {
    texts: rows.map(({ text }) => text),
    textPairs: paired ? rows.map((row) => ("textPair" in row ? (row.textPair ?? "") : "")) : null,
  };
}
