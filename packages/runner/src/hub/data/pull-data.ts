/** @file Brings a data set into data/<name>/ in the common form: by its name in our table, or by its id on the hub. */

import { join } from "node:path";
import { ExperimentError, messageOf, unknownName } from "../../errors.ts";
import type { HubSettings } from "../settings.ts";
import { type OpenedFile, openHubSource, openUrlSource } from "./open-source.ts";
import { readRecords } from "./records.ts";
import type { DataSource, Part } from "./source.ts";
import { type ById, sourceById } from "./source-by-id.ts";
import { dataSources } from "./sources.ts";
import { type About, type PartRow, type Written, writeAbout, writeRows } from "./write-dataset.ts";

export type PullOptions = ById & {
  readonly hub: HubSettings;
  /** Folder that holds one folder per data set. */
  readonly into: string;
  /** Scores rounded to 0 and 1, as classes. */
  readonly force: boolean;
  readonly limit: number | null;
  /** The table, for tests with homes on loopback. */
  readonly sources?: Readonly<Record<string, DataSource>>;
  readonly onProgress?: ((what: string, bytes: number, size: number | null) => void) | undefined;
};

export type PulledData = Written & {
  readonly name: string;
  readonly file: string;
  /** Rows that are known to be there, where other ones were found; null where all is well. */
  readonly expectedRows: number | null;
};

export async function pullData(id: string, options: PullOptions): Promise<PulledData> {
  const { into, force, limit } = options;
  const sources: Readonly<Record<string, DataSource>> = options.sources ?? dataSources;
  const spelt = id.replaceAll("_", "-");
  const known = Object.hasOwn(sources, spelt) ? sources[spelt] : undefined;
  if (known === undefined && !id.includes("/")) {
    const hint = "or owner/name of a data set on the hub";
    throw new ExperimentError(`${unknownName("data set", id, Object.keys(sources))}, ${hint}`);
  }
  if (force && known?.task === "classification") {
    throw new ExperimentError(
      `data set "${id}" is classification already, expected no --force-classification`,
    );
  }
  const name = known === undefined ? (id.split("@")[0] ?? id).replace("/", "--") : spelt;
  const folder = join(into, name);
  const opened = known ? await open(known, { ...options, folder }) : await sourceById(id, options);
  const source = known ?? opened.source;
  if (source === undefined) throw new Error(`internal: no source for ${id}`);
  const written = await writeRows(rowsOf(source, opened.files, force), { folder, name, limit });
  if (written.rows === 0) throw new ExperimentError(`data set "${id}": expected rows, got none`);
  const about: About = {
    ...{
      name,
      title: source.title,
      home: source.home,
      labels: source.labels,
      forced: force,
      limit,
    },
    task: force ? "classification" : source.task,
    licence: source.licence ?? opened.licence ?? "not stated",
    sources: opened.files.map(({ origin, sha256 }) => ({ from: origin, sha256 })),
    command: commandOf(id, options),
  };
  writeAbout(folder, about, written);
  const all = limit === null && source.rows !== null && source.rows !== written.rows;
  return {
    ...written,
    name,
    file: join(folder, `${name}.jsonl`),
    expectedRows: all ? source.rows : null,
  };
}

type Opened = {
  readonly files: readonly OpenedFile[];
  readonly licence: string | null;
  readonly source?: DataSource;
};

function open(source: DataSource, options: PullOptions & { folder: string }): Promise<Opened> {
  return source.from.kind === "hub"
    ? openHubSource(source.from, options)
    : openUrlSource(source.from, options);
}

async function* rowsOf(
  { row, task }: DataSource,
  files: readonly OpenedFile[],
  force: boolean,
): AsyncGenerator<PartRow | null> {
  for (const { from, format, encoding, part, add, origin } of files) {
    let at = 0;
    try {
      for await (const record of readRecords({ from, format, encoding })) {
        at += 1;
        const made = row(add === undefined ? record : { ...record, ...add });
        const score = made && task === "regression" && force ? roundHalfEven(made.label) : null;
        if (made === null) yield null;
        else
          yield { ...made, ...(score !== null && { label: score }), part: part ?? partOf(record) };
      }
    } catch (cause) {
      throw new ExperimentError(`${origin}: after record ${at}: ${messageOf(cause)}`, { cause });
    }
  }
}

/** As numpy rounds: one half goes to 0. */
function roundHalfEven(label: number | string): number {
  const value = Number(label);
  return value - Math.floor(value) === 0.5 ? 2 * Math.round(value / 2) : Math.round(value);
}

const parts: Readonly<Record<string, Part>> = { tr: "train", va: "validation", te: "test" };

/** SentEval says it on each line. */
function partOf({ part }: { readonly part?: unknown }): Part | null {
  return typeof part === "string" && Object.hasOwn(parts, part) ? (parts[part] ?? null) : null;
}

function commandOf(id: string, options: PullOptions): string {
  const { force, limit, config, splits, text, textPair, label } = options;
  const flags = [
    ["config", config],
    ["split", splits?.join(",")],
    ["text", text],
    ["text-pair", textPair],
    ["label", label],
    ["limit", limit],
  ].flatMap(([flag, value]) =>
    value === null || value === undefined ? [] : ` --${flag} ${value}`,
  );
  return `probegrid data pull ${id}${flags.join("")}${force ? " --force-classification" : ""}`;
}
