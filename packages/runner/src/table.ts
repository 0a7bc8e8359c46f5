/** @file Tables in the terminal: columns lined up, however many rows stream through. */

import { plainText, textWidth } from "./plain-text.ts";

export type Column<Row> = {
  readonly title: string;
  /** Numbers are flush right. */
  readonly right?: boolean;
  /** The cell of a row; null shows as a dash. */
  readonly cell: (row: Row) => string | null;
};

/** Rows that decide how wide the columns are; later rows that are wider are not cut. */
const measured = 1000;

const gap = "  ";

/** The lines of a table: titles, a rule, and one line per row; nothing at all when there are no rows. */
export function* tableLines<Row>(
  columns: readonly Column<Row>[],
  rows: Iterable<Row>,
): Generator<string> {
  const waiting: string[][] = [];
  const widths = columns.map(({ title }) => textWidth(title));
  const line = (cells: readonly string[]): string =>
    cells
      .map((text, i) => pad(text, { width: widths[i] ?? 0, right: columns[i]?.right ?? false }))
      .join(gap)
      .trimEnd();
  let started = false;
  const start = function* (): Generator<string> {
    if (waiting.length === 0) return;
    for (const cells of waiting) {
      for (const [i, text] of cells.entries()) {
        widths[i] = Math.max(widths[i] ?? 0, textWidth(text));
      }
    }
    yield line(columns.map(({ title }) => title));
    yield widths.map((width) => "─".repeat(width)).join(gap);
    for (const cells of waiting) yield line(cells);
  };
  for (const row of rows) {
    const cells = columns.map(({ cell }) => plainText(cell(row) ?? "–"));
    if (started) {
      yield line(cells);
      continue;
    }
    waiting.push(cells);
    if (waiting.length < measured) continue;
    started = true;
    yield* start();
  }
  if (!started) yield* start();
}

function pad(text: string, { width, right }: { width: number; right: boolean }): string {
  const space = " ".repeat(Math.max(0, width - textWidth(text)));
  return right ? space + text : text + space;
}
