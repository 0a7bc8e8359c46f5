/** @file Reads texts that have no labels: one a line, or JSON lines. */

import { readFileSync } from "node:fs";
import { extname } from "node:path";
import { z } from "zod";
import { ExperimentError, messageOf } from "./errors.ts";
import { locate } from "./locate.ts";

export type Texts = {
  readonly texts: readonly string[];
  /** The second text of each pair; null when no line has one. */
  readonly textPairs: readonly string[] | null;
};

const jsonLine = z.union([
  z.string(),
  z.object({ text: z.string(), textPair: z.string().nullable().optional() }),
]);

/** Texts of a .txt or .jsonl file; an empty line of a .txt file is an empty text. */
export function readTexts(path: string): Texts {
  const file = locate(path, { what: "input" });
  const lines = readFileSync(file, "utf8")
    .replace(/^\uFEFF/, "")
    .split(/\r?\n/);
  if (lines.at(-1) === "") lines.pop();
  if (lines.length === 0)
    throw new ExperimentError(`${path}: expected at least one text, got none`);
  switch (extname(file).toLowerCase()) {
    case ".txt":
      return { texts: lines, textPairs: null };
    case ".jsonl":
    case ".ndjson":
      return readJsonLines(path, lines);
    default:
      throw new ExperimentError(`${path}: expected a file ending in .txt or .jsonl`);
  }
}

function readJsonLines(path: string, lines: readonly string[]): Texts {
  const rows = lines.map((line, i) => {
    const where = `${path}:${i + 1}`;
    let value: unknown;
    try {
      value = JSON.parse(line);
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
