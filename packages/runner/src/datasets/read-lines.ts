/** @file Formats of one example a line: "label text", SentEval's three columns, and sentiment trees. */

import { badRow, type Row, type Table } from "./table.ts";

/** The label is everything before the first space. */
export function readLabelled(file: string, text: string): Table {
  return readEach({ file, text, columns: ["label", "text"] }, (line, at) => {
    const space = line.indexOf(" ");
    if (space > 0) return [line.slice(0, space), line.slice(space + 1)];
    throw badRow(
      { file, unit: "line" },
      at,
      `expected a label, a space and a text, got ${cutShort(line)}`,
    );
  });
}

/** `tr|va|te`, label and text, separated by tabs. */
export function readSentEval(file: string, text: string): Table {
  return readEach({ file, text, columns: ["part", "label", "text"] }, (line, at) => {
    const cells = line.split("\t");
    if (cells.length === 3) return cells;
    throw badRow(
      { file, unit: "line" },
      at,
      `expected part, label and text, got ${cells.length} columns`,
    );
  });
}

/** Bracketed trees such as `(3 (2 It) (4 works))`: the root's label, and the leaves as text. */
export function readTrees(file: string, text: string): Table {
  return readEach({ file, text, columns: ["label", "text"] }, (line, at) => {
    const [, label] = /^\((\S+) /.exec(line) ?? [];
    const leaves = Array.from(line.matchAll(/\([^()\s]+ ([^()\s]+)\)/g), ([, leaf]) => leaf ?? "");
    const open = line.split("(").length;
    if (label !== undefined && leaves.length > 0 && open === line.split(")").length) {
      return [label, leaves.map((leaf) => brackets[leaf] ?? leaf).join(" ")];
    }
    throw badRow({ file, unit: "line" }, at, `expected a bracketed tree, got ${cutShort(line)}`);
  });
}

const brackets: Readonly<Record<string, string>> = {
  "-LRB-": "(",
  "-RRB-": ")",
  "-LSB-": "[",
  "-RSB-": "]",
};

type Source = { readonly file: string; readonly text: string; readonly columns: readonly string[] };

/** One row for each line that is not blank. */
function readEach(
  { file, text, columns }: Source,
  read: (line: string, at: number) => readonly string[],
): Table {
  const rows: Row[] = [];
  for (const [i, line] of text.split("\n").entries()) {
    const content = line.endsWith("\r") ? line.slice(0, -1) : line;
    if (content.trim() !== "") rows.push({ at: i + 1, cells: read(content, i + 1) });
  }
  return { file, unit: "line", description: {}, columns, named: true, rows };
}

function cutShort(line: string): string {
  return JSON.stringify(line.length > 40 ? `${line.slice(0, 37)}...` : line);
}
