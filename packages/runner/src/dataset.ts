/** @file Reads a dataset: texts, what is to be predicted, and how rows belong together. */

import { createHash } from "node:crypto";
import { statSync } from "node:fs";
import { basename, dirname } from "node:path";
import { createRandom } from "@probegrid/probes";
import { type Columns, findColumns } from "./datasets/columns.ts";
import { type Findings, findAll } from "./datasets/findings.ts";
import { groupRows } from "./datasets/groups.ts";
import { readTable } from "./datasets/read-table.ts";
import { type DatasetOptions, readDatasetSpec } from "./datasets/spec.ts";
import { badRow, type Cell, type Row, show, type Table } from "./datasets/table.ts";
import { readTargets, type Targets } from "./datasets/targets.ts";
import { ExperimentError } from "./errors.ts";
import { locate } from "./locate.ts";
import { type TextVariant, varyText } from "./text-variants.ts";

export { type DatasetSpec, datasetSpec } from "./datasets/spec.ts";
export type { Findings };

/** Texts and targets, row by row. */
export type Dataset = Targets & {
  /** First 16 hex digits of the sha256 of the rows. */
  readonly id: string;
  readonly name: string;
  readonly path: string;
  readonly texts: readonly string[];
  /** Second texts of sentence pairs. */
  readonly textPairs: readonly string[] | null;
  /** Rows of one group must not be divided; identical texts are one group. */
  readonly groups: Int32Array;
  /** 1 train, 2 validation, 3 test, where the data come divided. */
  readonly parts: Uint8Array | null;
  readonly findings: Findings;
};

/** Reads what an entry of `datasets` names; throws ExperimentError with file and line on anything wrong. */
export async function loadDataset(
  spec: unknown,
  { from }: { from?: string } = {},
): Promise<Dataset> {
  const options = readDatasetSpec(spec);
  const sources = openSources(options, from);
  const path = sources.map(({ table }) => table.file).join(", ");
  const { variant = "as-is" } = options;
  const examples = sources.flatMap((source) => readExamples(source, variant));
  if (examples.length === 0) throw new ExperimentError(`${path}: expected rows, got none`);
  const rows = sample(examples, options);
  const divided = rows.some(({ part }) => part !== 0);
  const texts = rows.map(({ text }) => text);
  const paired = sources.every(({ columns }) => columns.textPair !== null);
  const textPairs = paired ? rows.map(({ pair }) => pair) : null;
  const parts = divided ? Uint8Array.from(rows, ({ part }) => part) : null;
  const { description } = sources[0]!.table;
  const read = readTargets(rows, {
    task: options.task ?? description.task,
    labelNames: description.labelNames,
    source: path,
  });
  const keys = rows.map(({ text, pair }) => (paired ? `${text.length} ${text}${pair}` : text));
  const groups = groupRows(
    keys,
    rows.some(({ group }) => group !== null) ? groupNames(rows) : null,
  );
  const wrongSize = description.size !== undefined && description.size !== examples.length;
  const findings = findAll({
    ...{ texts, keys, read, parts },
    rowsInFiles: examples.length,
    encodings: sources.map(({ encoding, guessed }) => ({ encoding, guessed })),
    claimed: wrongSize ? description.size! : null,
  });
  if (findings.emptyTexts === texts.length) {
    throw new ExperimentError(`${path}: expected texts, all ${texts.length} are empty`);
  }
  const suffix = variant === "as-is" ? "" : ` (${variant})`; // two variants must not share a name
  return {
    id: hashRows({ texts, textPairs, groups, parts, read }),
    name: options.name ?? `${description.name ?? nameOf(sources[0]!.table.file)}${suffix}`,
    path,
    texts,
    textPairs,
    groups,
    parts,
    findings,
    ...read,
  };
}

type Part = 0 | 1 | 2 | 3;

type Source = {
  readonly table: Table;
  readonly columns: Columns;
  /** Of every row; 0 where the rows say it themselves or nothing does. */
  readonly part: Part;
  readonly encoding: string;
  readonly guessed: boolean;
};

function openSources(options: DatasetOptions, from: string | undefined): readonly Source[] {
  const { path, train, validation, test } = options;
  const files: readonly (readonly [string | undefined, Part])[] =
    path === undefined
      ? [
          [train, 1],
          [validation, 2],
          [test, 3],
        ]
      : [[path, 0]];
  return files.flatMap(([name, part]) => {
    if (name === undefined) return [];
    const file = locate(name, { what: "dataset", ...(from !== undefined && { from }) });
    if (!statSync(file).isFile())
      throw new ExperimentError(`dataset "${name}": expected a file, got a folder`);
    const { encoding, guessed, ...table } = readTable(file, options);
    return [{ table, columns: findColumns(table, options), part, encoding, guessed }];
  });
}

/** One row, understood. */
type Example = {
  readonly text: string;
  readonly pair: string;
  readonly value: string | number;
  readonly group: string | null;
  readonly part: Part;
  readonly refuse: (reason: string) => Error;
};

function readExamples({ table, columns, part }: Source, variant: TextVariant): readonly Example[] {
  return table.rows.map((row): Example => {
    const refuse = (reason: string): Error => badRow(table, row.at, reason);
    const read = { row, refuse, names: table.columns };
    return {
      text: varyText(readText(read, columns.text), variant),
      pair: columns.textPair === null ? "" : varyText(readText(read, columns.textPair), variant),
      value: readLabel(read, columns.label),
      group: columns.group === null ? null : String(row.cells[columns.group] ?? ""),
      part: part !== 0 || columns.part === null ? part : readPart(row.cells[columns.part], refuse),
      refuse,
    };
  });
}

type Reading = {
  readonly row: Row;
  readonly refuse: (reason: string) => Error;
  readonly names: readonly string[];
};

function readText({ row, refuse, names }: Reading, column: number): string {
  const value = row.cells[column];
  if (typeof value === "string") return value;
  throw refuse(`expected a text in column "${names[column]}", got ${show(value)}`);
}

function readLabel({ row, refuse, names }: Reading, column: number): string | number {
  const value = row.cells[column];
  if (typeof value === "boolean") return String(value);
  if (typeof value === "string" && value.trim() !== "") return value.trim();
  if (typeof value === "number" && Number.isFinite(value)) {
    if (!Number.isInteger(value) || Number.isSafeInteger(value)) return value;
    throw refuse(`label ${value} has more digits than a number keeps, write it as a text`);
  }
  const got = typeof value === "number" ? value : show(value);
  throw refuse(`expected a label in column "${names[column]}", got ${got}`);
}

const partNames: Readonly<Record<string, Part>> = {
  train: 1,
  training: 1,
  tr: 1,
  validation: 2,
  valid: 2,
  val: 2,
  va: 2,
  dev: 2,
  test: 3,
  te: 3,
};

function readPart(value: Cell, refuse: (reason: string) => Error): Part {
  const word = String(value).trim().toLowerCase();
  const part: Part | undefined = Object.hasOwn(partNames, word) ? partNames[word] : undefined;
  if (part !== undefined) return part;
  throw refuse(`unknown part ${show(value)}, expected one of train, validation, test`);
}

/** `limit` rows drawn at random without repeats, in their order. */
function sample(rows: readonly Example[], { limit, seed = 0 }: DatasetOptions): readonly Example[] {
  if (limit === undefined || limit >= rows.length) return rows;
  const drawn = createRandom(seed).fork("limit").permutation(rows.length).slice(0, limit).sort();
  return Array.from(drawn, (i) => rows[i]!);
}

/** Rows without a group are each their own. */
function groupNames(rows: readonly Example[]): readonly string[] {
  return rows.map(({ group }, i) =>
    group === null || group === "" ? `row ${i}` : `group ${group}`,
  );
}

type Contents = Pick<Dataset, "texts" | "textPairs" | "groups" | "parts"> & {
  readonly read: Targets;
};

/** Every text with its length in front, so that no two datasets spell the same. */
function hashRows({ texts, textPairs, groups, parts, read }: Contents): string {
  const hash = createHash("sha256");
  hash.update(JSON.stringify({ task: read.task, labels: read.labels, rows: texts.length }));
  for (const list of [texts, textPairs ?? []]) {
    hash.update(`\n${list.length}\n`);
    for (const text of list) hash.update(`${text.length} ${text}\n`);
  }
  for (const numbers of [read.targets, groups, parts ?? new Uint8Array(0)]) {
    hash.update(`\n${numbers.length}\n`);
    hash.update(new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength));
  }
  return hash.digest("hex").slice(0, 16);
}

/** The file's name; that of its folder in front where many datasets have such a file. */
function nameOf(file: string): string {
  const name = basename(file).replace(/\.(csv|tsv|json|jsonl|ndjson|txt)$/i, "");
  const common = /^(train|training|dev|valid|validation|test|data|all|dataset)$/i.test(name);
  return common ? `${basename(dirname(file))}/${name}` : name;
}
