/** @file Which column is the text, its pair, the label, the group and the part. */

import { ExperimentError, listNames, unknownName } from "../errors.ts";
import type { DatasetOptions } from "./spec.ts";
import { type Cell, show, type Table } from "./table.ts";

/** Places of the columns in a table. */
export type Columns = {
  readonly text: number;
  readonly textPair: number | null;
  readonly label: number;
  readonly group: number | null;
  readonly part: number | null;
};

const pairs = [
  ["sentence1", "sentence2"],
  ["premise", "hypothesis"],
  ["question1", "question2"],
  ["question", "sentence"],
  ["question", "answer"],
  ["text1", "text2"],
  ["text", "text_pair"],
  ["text", "textpair"],
  ["sentence", "sentence_pair"],
] as const;
const texts = [
  "text",
  "sentence",
  "sentences",
  "texts",
  "content",
  "review",
  "tweet",
  "document",
  "utterance",
  "comment",
  "question",
  "premise",
  "statement",
  "body",
];
const labels = [
  "label",
  "labels",
  "target",
  "targets",
  "class",
  "category",
  "gold_label",
  "sentiment",
  "score",
];
const groups = ["group", "groups", "group_id"];
const parts = ["part", "split", "partition"];

/** Names by which a first line is known for a header. */
export const usualNames: ReadonlySet<string> = new Set([
  ...pairs.flat(),
  ...texts,
  ...labels,
  ...groups,
  ...parts,
]);

/** Columns of texts that have no labels; a single column is the text, whatever it is called. */
export function findTextColumns(
  table: Table,
  options: Pick<DatasetOptions, "text" | "textPair">,
): Pick<Columns, "text" | "textPair"> {
  const given = {
    text: place(table, options.text),
    textPair: place(table, options.textPair ?? undefined),
  };
  const pair = usualPair(table, given, options);
  const only = table.columns.length === 1 ? 0 : null;
  const text = given.text ?? pair?.[0] ?? usualPlace(table, texts) ?? only;
  return {
    text: needed(text, { table, what: "text" }),
    textPair: given.textPair ?? pair?.[1] ?? null,
  };
}

/** Columns that were named, and the others by their usual names. */
export function findColumns(table: Table, options: DatasetOptions): Columns {
  const usual = (names: readonly string[]) => usualPlace(table, names);
  const given = {
    text: place(table, options.text),
    textPair: place(table, options.textPair ?? undefined),
    label: place(table, options.label),
    group: place(table, options.group),
    part: place(table, options.part),
  };
  const pair = usualPair(table, given, options);
  const guess = table.named ? { text: null, label: null } : guessTwo(table, given);
  const text = given.text ?? pair?.[0] ?? usual(texts) ?? guess.text;
  const label = given.label ?? usual(labels) ?? guess.label;
  return {
    text: needed(text ?? theOther(table, label), { table, what: "text" }),
    label: needed(label ?? theOther(table, text), { table, what: "label" }),
    textPair: given.textPair ?? pair?.[1] ?? null,
    group: given.group ?? usual(groups),
    part: given.part ?? usual(parts),
  };
}

function usualPlace({ columns }: Table, names: readonly string[]): number | null {
  const lower = columns.map((name) => name.toLowerCase());
  const name = names.find((one) => lower.includes(one));
  return name === undefined ? null : lower.indexOf(name);
}

/** Places of two columns that are called as pairs usually are, where neither was named nor forbidden. */
function usualPair(
  { columns }: Table,
  given: { readonly text: number | null; readonly textPair: number | null },
  { textPair }: Pick<DatasetOptions, "textPair">,
): readonly [number, number] | null {
  if (given.text !== null || given.textPair !== null || textPair === null) return null;
  const lower = columns.map((name) => name.toLowerCase());
  const pair = pairs.find((names) => names.every((name) => lower.includes(name)));
  return pair === undefined ? null : [lower.indexOf(pair[0]), lower.indexOf(pair[1])];
}

function place(table: Table, column: string | number | undefined): number | null {
  if (column === undefined) return null;
  const { columns, file, named } = table;
  const byName = columns.indexOf(String(column));
  if (byName >= 0 && (typeof column === "string" || !named)) return byName;
  if (typeof column === "number" && column < columns.length) return column;
  throw new ExperimentError(
    typeof column === "number"
      ? `${file}: expected a column from 0 to ${columns.length - 1}, got ${column}; ${firstRow(table)}`
      : `${file}: ${unknownName("column", column, columns)}${named ? "" : `; ${firstRow(table)}`}`,
  );
}

/** Of two columns without names the label is the one with fewer different values. */
function guessTwo(
  table: Table,
  given: { readonly text: number | null; readonly label: number | null },
): { text: number | null; label: number | null } {
  const { file, columns, rows } = table;
  if (columns.length !== 2 || given.text !== null || given.label !== null) {
    return { text: null, label: null };
  }
  const different = (i: number): number => new Set(rows.map(({ cells }) => cells[i])).size;
  const length = (i: number): number =>
    rows.reduce((sum, { cells }) => sum + String(cells[i]).length, 0);
  const [a, b] = [different(0), different(1)];
  const label = (a === b ? length(0) < length(1) : a < b) ? 0 : 1;
  if (looksLikeName(rows.map(({ cells }) => cells[label]))) {
    throw new ExperimentError(
      `${file}: the first line may be a header, say header: true or false; ${firstRow(table)}`,
    );
  }
  return { text: 1 - label, label };
}

/** Whether the first value stands once and each of the others comes back. */
function looksLikeName([first, ...others]: readonly Cell[]): boolean {
  const counts = new Map<Cell, number>();
  for (const label of others) counts.set(label, (counts.get(label) ?? 0) + 1);
  return (
    !counts.has(first) && others.length > 3 && [...counts.values()].every((count) => count > 1)
  );
}

/** Where there are two columns and one is known, the other is what is looked for. */
function theOther({ columns }: Table, known: number | null): number | null {
  return columns.length === 2 && known !== null ? 1 - known : null;
}

function needed(found: number | null, { table, what }: { table: Table; what: string }): number {
  if (found !== null) return found;
  const columns = table.named ? `columns are ${listNames(table.columns)}` : firstRow(table);
  throw new ExperimentError(
    `${table.file}: expected "${what}" to name the ${what} column, none has a usual name; ${columns}`,
  );
}

function firstRow({ rows, columns }: Table): string {
  const cells = columns.slice(0, 12).map((_, i) => `${i}: ${show(rows[0]?.cells[i])}`);
  return `the first row is ${cells.join(", ")}`;
}
