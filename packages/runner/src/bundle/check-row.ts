/** @file Checks a row of a bundle against the columns of its table. */

import { shortHash } from "../canonical.ts";
import { ExperimentError } from "../errors.ts";
import { parseJson } from "../parse-json.ts";
import type { BundleColumn, BundleTable } from "./tables.ts";

export type Cell = string | number | Buffer | null;
export type Row = Readonly<Record<string, Cell>>;

/** Columns that are read as JSON by others. */
const jsonColumns: ReadonlySet<string> = new Set([
  "labels",
  "findings",
  "details",
  "spec",
  "flags",
  "tokens",
  "layers",
  "measures",
  "marks",
  "words",
]);

/** The row as SQLite takes it; refuses a column too many, one too few, or a value of another kind. */
export function checkRow(
  table: BundleTable,
  row: Readonly<Record<string, unknown>>,
  file: string,
): Row {
  const where = `${file}: ${table.name}`;
  const known = new Set(table.columns.map(({ name }) => name));
  const foreign = Object.keys(row).find((name) => !known.has(name));
  if (foreign !== undefined) {
    throw new ExperimentError(`${where}: unknown column ${JSON.stringify(foreign.slice(0, 40))}`);
  }
  const checked: Row = Object.fromEntries(
    table.columns.map((column) => [
      column.name,
      checkCell(column, Object.hasOwn(row, column.name) ? row[column.name] : undefined, where),
    ]),
  );
  checkMeaning(table, checked, where);
  return checked;
}

function checkCell(column: BundleColumn, value: unknown, where: string): Cell {
  const { name, kind, required, allowed } = column;
  const refuse = (): never => {
    const expected = allowed
      ? `one of ${allowed.join(", ")}`
      : `${required ? "a" : "null or a"} ${kind}`;
    throw new ExperimentError(`${where}.${name}: expected ${expected}, got ${describe(value)}`);
  };
  if (value === null || value === undefined) return required ? refuse() : null;
  if (kind === "integer") return Number.isSafeInteger(value) ? (value as number) : refuse();
  if (kind === "real") return Number.isFinite(value) ? (value as number) : refuse();
  if (typeof value !== "string") return refuse();
  if (allowed && !allowed.includes(value)) return refuse();
  if (kind === "blob") {
    if (!/^[A-Za-z0-9+/]*={0,2}$/.test(value)) return refuse();
    return Buffer.from(value, "base64");
  }
  if (jsonColumns.has(name) && !isJson(value)) return refuse();
  return value;
}

/** What SQLite can not check: a trial is its spec, and has come to an end or not begun. */
function checkMeaning({ name }: BundleTable, row: Row, where: string): void {
  if (name === "trials") {
    if (!/^[0-9a-f]{16}$/.test(String(row.id))) {
      throw new ExperimentError(`${where}.id: expected 16 hex digits, got ${describe(row.id)}`);
    }
    if (row.kind === "probe" && shortHash(String(row.spec)) !== row.id) {
      throw new ExperimentError(`${where}: trial ${row.id} is not the hash of its spec`);
    }
    if (row.state === "running") {
      throw new ExperimentError(`${where}: trial ${row.id} is running, expected none that is`);
    }
  }
  if (name === "datasets") {
    const bytes = (row.targets as Buffer).length;
    if (bytes === 4 * Number(row.rows)) return;
    throw new ExperimentError(`${where}: expected a target for each of ${row.rows} rows`);
  }
}

const longestJson = 32 * 2 ** 20; // characters: labels of a million classes

function isJson(text: string): boolean {
  if (text.length > longestJson) return false;
  try {
    parseJson(text);
    return true;
  } catch {
    return false;
  }
}

function describe(value: unknown): string {
  return (JSON.stringify(value) ?? "nothing").slice(0, 60);
}
