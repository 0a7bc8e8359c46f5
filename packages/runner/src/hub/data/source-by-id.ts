/** @file Any data set of the hub by its id: which columns are text and label is told, or found by their usual names. */

import { ExperimentError } from "../../errors.ts";
import type { HubSettings } from "../settings.ts";
import { textOf } from "./mappings.ts";
import { type OpenedFile, openHubSource } from "./open-source.ts";
import { parquetClassNames } from "./parquet.ts";
import { readRecords } from "./records.ts";
import type { DataSource, SourceRecord, SourceRow } from "./source.ts";
import { chooseColumns, type NamedColumns } from "./usual-columns.ts";

export type ById = Partial<NamedColumns> & {
  readonly config?: string | null;
  /** Splits to take, in this order; all when not given. */
  readonly splits?: readonly string[] | null;
};

type Options = ById & {
  readonly hub: HubSettings;
  readonly onProgress?: ((what: string, bytes: number, size: number | null) => void) | undefined;
};

export async function sourceById(id: string, options: Options) {
  const { config = null, splits } = options;
  const wanted = (splits ?? []).map((split) => [split, partNamed(split)] as const);
  const opened = await openHubSource({ id, config, splits: wanted }, options);
  const [first] = opened.files;
  if (first === undefined) throw new ExperimentError(`dataset "${id}": expected files, got none`);
  const columns = chooseColumns(await firstRecord(first), options, id);
  const names = await classNames(first, columns.label);
  const scores = names === null && (await hasFractions(opened.files, columns.label));
  const [name = id] = id.split("@");
  const source: DataSource = {
    ...{ title: name, topic: "", home: `https://huggingface.co/datasets/${name}` },
    task: scores ? "regression" : "classification",
    ...{ labels: names, licence: null, rows: null },
    from: { kind: "hub", id, config, splits: wanted },
    row: (record) => toRow(record, { ...columns, scores }),
  };
  return { ...opened, source };
}

/** A missing label says that it is withheld; so does a class below zero. */
function toRow(
  record: SourceRecord,
  { text, textPair, label, scores }: NamedColumns & { readonly scores: boolean },
): SourceRow | null {
  const value = record[label];
  if (value === null || value === undefined || value === "") return null;
  const read = typeof value === "string" ? value : Number(value);
  if (Number.isNaN(read)) throw new Error(`expected a label in "${label}", got ${typeof value}`);
  if (read === -1 && !scores) return null;
  const pair = textPair === null ? {} : { textPair: textOf(record, textPair) };
  return { text: textOf(record, text), ...pair, label: read };
}

async function firstRecord({ from, format, encoding, origin }: OpenedFile): Promise<SourceRecord> {
  for await (const record of readRecords({ from, format, encoding })) return record;
  throw new ExperimentError(`${origin}: expected records, got none`);
}

async function classNames({ from, format }: OpenedFile, label: string) {
  return format === "parquet" && typeof from === "string" ? parquetClassNames(from, label) : null;
}

/** Numbers of which one is a fraction are scores; anything else names classes. */
async function hasFractions(files: readonly OpenedFile[], label: string): Promise<boolean> {
  let fraction = false;
  for (const { from, format, encoding } of files) {
    for await (const record of readRecords({ from, format, encoding })) {
      const value = Number(record[label]);
      if (Number.isNaN(value)) return false;
      fraction ||= !Number.isInteger(value);
    }
  }
  return fraction;
}

function partNamed(split: string) {
  return split === "train" || split === "validation" || split === "test" ? split : null;
}
