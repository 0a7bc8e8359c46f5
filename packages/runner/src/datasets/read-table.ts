/** @file Reads a file into rows: finds out encoding and format, then leaves it to the reader of that format. */

import { constants } from "node:buffer";
import { readFileSync } from "node:fs";
import { extname } from "node:path";
import { ExperimentError, messageOf } from "../errors.ts";
import { type Decoded, decodeText } from "./decode.ts";
import { guessDelimiter, readDelimited } from "./read-delimited.ts";
import { readJson, readJsonLines } from "./read-json.ts";
import { readLabelled, readSentEval, readTrees } from "./read-lines.ts";
import { mostRows } from "./scan-rows.ts";
import type { DatasetOptions, Format } from "./spec.ts";
import type { Table } from "./table.ts";

/** A file's rows and how its bytes were read. */
export function readTable(file: string, options: DatasetOptions): Table & Omit<Decoded, "text"> {
  const { text, ...decoded } = decode(file, options.encoding);
  if (text.trim() === "") throw new ExperimentError(`${file}: the file is empty`);
  refuseBinary(file, text);
  const format = options.format ?? guessFormat(file, text);
  if (rowPerLine.has(format)) refuseTooManyLines(file, text);
  const table = readers[format](file, text, options);
  if (table.rows.length === 0) throw new ExperimentError(`${file}: expected rows, got none`);
  if (options.format === undefined && format === "labelled") requireLabels(table);
  return { ...table, ...decoded };
}

/** What files begin with that people take for tables. */
const others = { "\u001f\u008b": "gzip", PAR1: "parquet", "PK\u0003\u0004": "a zip archive" };

/** Text has hardly any NUL: what has many is another format, or UTF-16 whose mark is missing. */
function refuseBinary(file: string, text: string): void {
  const other = Object.entries(others).find(([start]) => text.startsWith(start))?.[1];
  const begin = text.slice(0, 4096);
  const nuls = begin.split("\0").length - 1;
  if (other === undefined && nuls * 10 < begin.length) return;
  const got = other ?? "bytes that are none (UTF-16 without a mark? give encoding)";
  throw new ExperimentError(`${file}: expected a text file, got ${got}`);
}

/** In other formats a text may have lines of its own. */
const rowPerLine: ReadonlySet<Format> = new Set(["jsonl", "labelled", "senteval", "trees"]);

function refuseTooManyLines(file: string, text: string): void {
  let lines = 0;
  for (let i = text.indexOf("\n"); i >= 0; i = text.indexOf("\n", i + 1)) lines++;
  if (lines <= mostRows) return;
  throw new ExperimentError(`${file}: expected at most ${mostRows} lines, got ${lines}`);
}

/** Prose has nearly as many first words as lines; labels come back. */
function requireLabels({ file, rows }: Table): void {
  const labels = new Set(rows.map(({ cells }) => cells[0]));
  if (labels.size <= Math.max(20, rows.length / 4)) return;
  throw new ExperimentError(
    `${file}: expected a label, a space and a text on each line, got ${labels.size} different first words` +
      ` on ${rows.length} lines; give format where they are labels`,
  );
}

type Reader = (file: string, text: string, options: DatasetOptions) => Table;

const readers: { readonly [Name in Format]: Reader } = {
  json: readJson,
  jsonl: readJsonLines,
  csv: (file, text, options) => {
    const { delimiter = guessDelimiter(text), quote } = options;
    const header = headerOf(options);
    return readDelimited(file, text, { delimiter, quote, header, usualHeader: true });
  },
  tsv: (file, text, options) => {
    const { delimiter = "\t", quote } = options;
    const header = headerOf(options);
    return readDelimited(file, text, { delimiter, quote, header, usualHeader: false });
  },
  labelled: readLabelled,
  senteval: readSentEval,
  trees: readTrees,
};

/** Columns that are called by name need a header. */
function headerOf({
  header,
  text,
  textPair,
  label,
  group,
  part,
}: DatasetOptions): boolean | undefined {
  const names = [text, textPair, label, group, part].filter((one) => typeof one === "string");
  return header ?? (names.some((name) => !/^\d+$/.test(name)) ? true : undefined);
}

function decode(file: string, encoding: string | undefined): Decoded {
  try {
    return decodeText(readFileSync(file), encoding);
  } catch (cause) {
    const long = (cause as NodeJS.ErrnoException).code === "ERR_STRING_TOO_LONG";
    const reason = long
      ? `expected at most ${constants.MAX_STRING_LENGTH} characters, got more`
      : messageOf(cause);
    throw new ExperimentError(`${file}: ${reason}`, { cause });
  }
}

const byExtension: Readonly<Record<string, Format>> = {
  ".csv": "csv",
  ".jsonl": "jsonl",
  ".ndjson": "jsonl",
};

/** By extension where it decides, else by how the first lines look. */
function guessFormat(file: string, text: string): Format {
  const extension = extname(file).toLowerCase();
  const lines = firstLines(text, 100);
  if (extension === ".json" || (text.trimStart().startsWith("[") && extension !== ".tsv")) {
    // files of JSON lines are often called .json
    return lines.length > 1 && lines.every(isJsonObject) ? "jsonl" : "json";
  }
  const known = byExtension[extension];
  if (known !== undefined) return known;
  if (lines.every((line) => /^(tr|va|te)\t[^\t]*\t[^\t]*$/.test(line))) return "senteval";
  if (extension === ".tsv") return "tsv";
  if (lines.every(isJsonObject)) return "jsonl";
  if (text.trimStart().startsWith("{")) return "json";
  if (lines.every((line) => /^\(\S+ .*\)\s*$/.test(line))) return "trees";
  return lines.every((line) => line.includes("\t")) ? "tsv" : "labelled";
}

function isJsonObject(line: string): boolean {
  return line.startsWith("{") && line.trimEnd().endsWith("}");
}

function firstLines(text: string, count: number): readonly string[] {
  const lines: string[] = [];
  for (let start = 0; start < text.length && lines.length < count; ) {
    const newline = text.indexOf("\n", start);
    const end = newline < 0 ? text.length : newline;
    const line = text.slice(start, end);
    if (line.trim() !== "") lines.push(line.endsWith("\r") ? line.slice(0, -1) : line);
    start = end + 1;
  }
  return lines;
}
