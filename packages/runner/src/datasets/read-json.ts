/** @file JSON and JSONL: records, columns, and the described datasets of layer-probing grids. */

import { existsSync, readFileSync } from "node:fs";
import { ExperimentError, messageOf } from "../errors.ts";
import { parseJson } from "../parse-json.ts";
import { badRow, type Description, type Row, show, type Table } from "./table.ts";

/**
 * A list of records; an object of columns, each a list or an object by row key; or either of these under `data`, with
 * `name`, `task` and `labels` beside it. A `size` beside it is compared, never believed.
 */
export function readJson(file: string, text: string): Table {
  const value = parse(text, (reason) => new ExperimentError(`${file}: ${reason}`));
  if (Array.isArray(value)) return fromRecords(file, value, {});
  if (!isRecord(value))
    throw new ExperimentError(`${file}: expected a list or an object, got ${show(value)}`);
  if (!Object.hasOwn(value, "data")) return fromColumns(file, value, {});
  const description = describe(value);
  const { data } = value;
  if (Array.isArray(data)) return fromRecords(file, data, description);
  if (isRecord(data)) return fromColumns(file, data, description);
  throw new ExperimentError(`${file}: expected data to be a list or an object, got ${show(data)}`);
}

/** One record on each line; blank lines do not count. */
export function readJsonLines(file: string, text: string): Table {
  const records: { at: number; record: unknown }[] = [];
  for (const [i, line] of text.split("\n").entries()) {
    if (line.trim() === "") continue;
    const record = parse(line, (reason) => badRow({ file, unit: "line" }, i + 1, reason));
    records.push({ at: i + 1, record });
  }
  return tableOf({ file, unit: "line", description: besides(file) }, records);
}

/** `name.about.json` beside `name.jsonl` says what lines can not: task, and names of the classes. */
function besides(file: string): Description {
  const about = file.replace(/\.[^.]*$/, ".about.json");
  if (about === file || !existsSync(about)) return {};
  const value = parse(
    readFileSync(about, "utf8"),
    (reason) => new ExperimentError(`${about}: ${reason}`),
  );
  return isRecord(value) ? describe(value) : {};
}

function fromRecords(file: string, list: readonly unknown[], description: Description): Table {
  const records = list.map((record, i) => ({ at: i + 1, record }));
  return tableOf({ file, unit: "row", description }, records);
}

/** Cells of a table for each value in it: beyond that the records are no rows of one table, which would fill memory. */
const mostSpread = 20;

type Source = Pick<Table, "file" | "unit" | "description">;

function tableOf(source: Source, records: readonly { at: number; record: unknown }[]): Table {
  const columns = new Set<string>();
  let values = 0;
  const checked = records.map(({ at, record }) => {
    if (!isRecord(record)) throw badRow(source, at, `expected an object, got ${show(record)}`);
    for (const name of Object.keys(record)) {
      columns.add(name);
      values++;
    }
    return { at, record };
  });
  const names = [...columns];
  if (names.length * records.length > mostSpread * values + 1e6) {
    throw new ExperimentError(
      `${source.file}: expected records with the same fields, ${records.length} of them have ${names.length} different ones`,
    );
  }
  const rows = checked.map(({ at, record }): Row => {
    return { at, cells: names.map((name) => (Object.hasOwn(record, name) ? record[name] : null)) };
  });
  return { ...source, columns: names, named: true, rows };
}

/** Columns that are lists go by position; those that are objects go by key, in the order of the first one. */
function fromColumns(
  file: string,
  data: Readonly<Record<string, unknown>>,
  description: Description,
): Table {
  const columns = Object.entries(data).filter(
    ([, values]) => Array.isArray(values) || isRecord(values),
  );
  const [first] = columns;
  if (first === undefined) {
    throw new ExperimentError(
      `${file}: expected columns (lists, or objects by row), got ${Object.keys(data).join(", ") || "no field"}`,
    );
  }
  const keys = Object.keys(first[1] as object);
  for (const [name, values] of columns) {
    const count = Object.keys(values as object).length;
    if (count !== keys.length) {
      throw new ExperimentError(
        `${file}: columns "${first[0]}" and "${name}" differ in length, ${keys.length} and ${count} rows`,
      );
    }
    const missing = keys.find((key) => !Object.hasOwn(values as object, key));
    if (missing !== undefined) {
      throw new ExperimentError(`${file}: row "${missing}" is missing from column "${name}"`);
    }
  }
  const rows = keys.map((key, i): Row => {
    return {
      at: i + 1,
      cells: columns.map(([, values]) => (values as Record<string, unknown>)[key]),
    };
  });
  return {
    file,
    unit: "row",
    description,
    columns: columns.map(([name]) => name),
    named: true,
    rows,
  };
}

function describe(value: Readonly<Record<string, unknown>>): Description {
  const { name, task, size, labels } = value;
  const word = typeof task === "string" ? task.toLowerCase() : "";
  const names = isRecord(labels)
    ? Object.entries(labels).filter(
        (entry): entry is [string, string] => typeof entry[1] === "string",
      )
    : [];
  return {
    ...(typeof name === "string" && name !== "" && { name }),
    ...((word === "classification" || word === "regression") && { task: word }),
    ...(typeof size === "number" && { size }),
    ...(names.length > 0 && { labelNames: Object.fromEntries(names) }),
  };
}

/** More than a text of the longest kind holds of rows that say something: empty lists by the million fill memory. */
const mostValues = 2 ** 25;

function parse(text: string, error: (reason: string) => Error): unknown {
  try {
    return parseJson(text, { values: mostValues });
  } catch (cause) {
    const hint = /\b(NaN|-?Infinity)\b/.test(text) ? " (NaN and Infinity are not JSON)" : "";
    const reason = shorten(messageOf(cause));
    throw error(reason.startsWith("expected") ? reason : `expected JSON, got ${reason}${hint}`);
  }
}

/** V8 quotes the text; one that is long is cut. */
function shorten(message: string): string {
  return message.length > 160 ? `${message.slice(0, 157)}...` : message;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
