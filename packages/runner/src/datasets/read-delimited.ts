/** @file CSV and TSV, with and without quotes and header. */

import { parse } from "csv-parse/sync";
import { ExperimentError, messageOf } from "../errors.ts";
import { usualNames } from "./columns.ts";
import { scanRows } from "./scan-rows.ts";
import { badRow, show, type Table } from "./table.ts";

export type Delimited = {
  readonly delimiter: string;
  /** Undefined: a double quote where the file uses it as one. */
  readonly quote: string | null | undefined;
  /** Undefined: a first line with a usual column name (text, label, ...) is a header, and so is a .csv's without numbers. */
  readonly header: boolean | undefined;
  /** Whether files of this kind usually have a header. */
  readonly usualHeader: boolean;
};

/** Rows of equal length; a row of another length is an error. Blank lines do not count. */
export function readDelimited(file: string, text: string, options: Delimited): Table {
  const lines = splitRows(file, text, options);
  const first = lines[0]?.cells ?? [];
  const header = options.header ?? looksLikeHeader(first, options.usualHeader);
  const rows = header ? lines.slice(1) : lines;
  const odd = rows.find(({ cells }) => cells.length !== first.length);
  if (odd !== undefined) {
    const than = header ? "the header has" : `line ${lines[0]?.at} has`;
    throw badRow(
      { file, unit: "line" },
      odd.at,
      `expected ${first.length} columns as ${than}, got ${odd.cells.length}`,
    );
  }
  const columns = header ? first.map((cell) => cell.trim()) : first.map((_, i) => String(i));
  const seen = new Set<string>();
  const twice = columns.find((name) => name !== "" && seen.size === seen.add(name).size);
  if (twice !== undefined)
    throw new ExperimentError(`${file}: column ${show(twice)} stands twice in the header`);
  return { file, unit: "line", description: {}, columns, named: header, rows };
}

function looksLikeHeader(cells: readonly string[], usual: boolean): boolean {
  if (cells.some((cell) => usualNames.has(cell.trim().toLowerCase()))) return true;
  return usual && !cells.some((cell) => cell.trim() !== "" && Number.isFinite(Number(cell)));
}

/** The separator of a .csv file: whichever of comma, semicolon and tab its first line has most of. */
export function guessDelimiter(text: string): string {
  const end = text.indexOf("\n");
  const line = (end < 0 ? text : text.slice(0, end)).replace(/"[^"]*"/g, "");
  const count = (mark: string): number => {
    let found = 0;
    for (let i = line.indexOf(mark); i >= 0; i = line.indexOf(mark, i + 1)) found++;
    return found;
  };
  return [",", ";", "\t"].reduce((best, mark) => (count(mark) > count(best) ? mark : best));
}

type Line = { readonly at: number; readonly cells: readonly string[] };

function splitRows(file: string, text: string, { delimiter, quote }: Delimited): readonly Line[] {
  const tabs = quote === undefined && delimiter === "\t";
  const mark = quote === undefined ? '"' : quote;
  const scanned = text.length < large ? null : scanRows(text, delimiter, tabs ? null : mark);
  if (scanned?.excess) {
    const { line, what } = scanned.excess;
    throw badRow({ file, unit: "line" }, line, what);
  }
  if (mark === null) return withoutQuotes(text, delimiter);
  const rules = { delimiter, quote: mark, ending: scanned?.ending ?? null };
  if (tabs) return readTabs(text, rules);
  const parsed = withQuotes(text, rules);
  if (typeof parsed !== "string") return parsed;
  throw new ExperimentError(`${file}: ${parsed}`);
}

/** Characters from which a text is looked over first: csv-parse looks for the end of the first row at every character. */
const large = 2 ** 20;

type Rules = Pick<Delimited, "delimiter"> & {
  readonly quote: string;
  /** What ends rows; null leaves it to be found. */
  readonly ending: string | null;
};

/**
 * Most .tsv files hold quotes as they stand in the text, some follow the rules of CSV. The rules are used where only they
 * give rows of equal length, or where they do too and the text has the doubled quotes that only they write.
 */
function readTabs(text: string, rules: Rules): readonly Line[] {
  const plain = withoutQuotes(text, "\t");
  if (!/(^|\t)"/m.test(text)) return plain;
  const quoted = withQuotes(text, rules);
  if (typeof quoted === "string" || !even(quoted)) return plain;
  if (!even(plain)) return quoted;
  return quoted.length === plain.length && hasDoubledQuotes(text) ? quoted : plain;
}

/** Whether a quoted field holds a doubled quote and ends as the rules say. By hand: as a regular expression it overflows. */
function hasDoubledQuotes(text: string): boolean {
  for (const { index, 0: open } of text.matchAll(/(^|\t)"/gm)) {
    let doubled = false;
    for (let at = index + open.length; ; at += 2) {
      at = text.indexOf('"', at);
      if (at < 0) return false;
      if (text[at + 1] !== '"') {
        if (doubled && /^(\t|\r?\n|\r?$)/.test(text.slice(at + 1, at + 3))) return true;
        break;
      }
      doubled = true;
    }
  }
  return false;
}

function even(lines: readonly Line[]): boolean {
  return lines.every(({ cells }) => cells.length === lines[0]?.cells.length);
}

function withoutQuotes(text: string, delimiter: string): readonly Line[] {
  const lines: Line[] = [];
  let at = 0;
  for (const line of text.split("\n")) {
    at += 1;
    const content = line.endsWith("\r") ? line.slice(0, -1) : line;
    if (content !== "") lines.push({ at, cells: content.split(delimiter) });
  }
  return lines;
}

/** Rows by the rules of CSV, or what breaks them. */
function withQuotes(text: string, { delimiter, quote, ending }: Rules): readonly Line[] | string {
  const lines: Line[] = [];
  let end = 0; // last line of the row before
  try {
    parse(text, {
      delimiter,
      quote,
      escape: quote,
      ...(ending !== null && { record_delimiter: ending }),
      relax_column_count: true,
      relax_quotes: true,
      skip_empty_lines: true,
      on_record: (cells: readonly string[], { lines: last }) => {
        const broken = cells.reduce((sum, cell) => sum + (cell.split("\n").length - 1), 0);
        lines.push({ at: Math.max(end + 1, last - broken), cells });
        end = last;
        return null;
      },
    });
  } catch (cause) {
    const { code, lines: last } = cause as { code?: string; lines?: number };
    if (code !== "CSV_QUOTE_NOT_CLOSED") return messageOf(cause);
    return `a quote opened after line ${end} is never closed (the file ends at line ${last})`;
  }
  return lines;
}
