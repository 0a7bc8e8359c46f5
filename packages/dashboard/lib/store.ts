/** @file The store as the dashboard sees it: one read-only connection, opened when first needed, reopened when the file is replaced. */

import { statSync } from "node:fs";
import { type Store as OpenStore, openStore as open } from "@probegrid/runner/store";
import { refreshFacts } from "./facts.ts";

/** SQLite's own connection, as the store package hands it out. */
export type Database = OpenStore["sqlite"];

/** An open store; `generation` changes whenever the data does, and results are kept per generation. */
export type Store = {
  readonly file: string;
  /** As the functions of the store package take it. */
  readonly opened: OpenStore;
  readonly database: Database;
  readonly generation: string;
  /** Rows of a statement, remembered until the data changes. */
  readonly all: <Row>(sql: string, ...values: readonly unknown[]) => readonly Row[];
  /** Rows as plain arrays, for many of them; read each time. */
  readonly rows: <Row extends readonly unknown[]>(
    sql: string,
    ...values: readonly unknown[]
  ) => readonly Row[];
  /** The one column of a statement, remembered like that; fewer are kept, for these are long. */
  readonly keys: (sql: string, ...values: readonly unknown[]) => readonly number[];
  /** Columns of numbers over all trials, remembered like that; few are kept, for these are longest. */
  readonly held: <Result>(name: string, read: () => Result) => Result;
  /** What a function found out about the data, remembered like that under a name. */
  readonly known: <Result>(name: string, find: () => Result) => Result;
};

type Held = {
  file: string;
  identity: string;
  opened: OpenStore;
  database: Database;
  results: Map<string, unknown>;
  keys: Map<string, readonly number[]>;
  columns: Map<string, unknown>;
  generation: string;
};

/** Results kept at a time; a page needs about ten. */
const resultsKept = 200;
/** Orders of the table kept at a time. */
const ordersKept = 8;
/** Facts, and scores of a few metrics. */
const columnsKept = 6;

/** Every page has its own copy of this module; the connection is theirs together. */
const keeper = globalThis as typeof globalThis & { probegridStore?: Held | undefined };

/** Path of the store, as the command line gave it. */
export function storeFile(): string {
  return process.env.PROBEGRID_STORE ?? "logs/probegrid.db";
}

/** Whether the store has been read before, so that only what is new is missing. */
export function isRead(): boolean {
  const held = keeper.probegridStore;
  return held !== undefined && held.file === storeFile() && held.generation !== "";
}

/** Brings what is in memory up to date with the store's file, step by step; returns whether there is a file. */
export function* refreshStore(): Generator<void, boolean> {
  const held = connection();
  if (held === null) return false;
  const generation = generationOf(held.database);
  if (generation !== held.generation) {
    yield* refreshFacts(held.database);
    held.results.clear();
    held.keys.clear();
    held.columns.clear();
    held.generation = generation;
  }
  return true;
}

/** The store, or null while its file does not exist; in one go, unless `refreshStore` went before. */
export function openStore(): Store | null {
  for (const _ of refreshStore());
  const held = connection();
  if (held === null) return null;
  const generation = held.generation;
  return {
    file: held.file,
    opened: held.opened,
    database: held.database,
    generation: `${held.identity}-${generation}`,
    all: <Row>(sql: string, ...values: readonly unknown[]) =>
      remembered<unknown>(held.results, JSON.stringify([sql, values]), {
        kept: resultsKept,
        read: () => held.database.prepare(sql).all(...values),
      }) as readonly Row[],
    rows: <Row extends readonly unknown[]>(sql: string, ...values: readonly unknown[]) =>
      held.database
        .prepare(sql)
        .raw()
        .all(...values) as Row[],
    known: <Result>(name: string, find: () => Result) =>
      remembered<unknown>(held.results, name, { kept: resultsKept, read: find }) as Result,
    held: <Result>(name: string, read: () => Result) =>
      remembered<unknown>(held.columns, name, { kept: columnsKept, read }) as Result,
    keys: (sql, ...values) =>
      remembered(held.keys, JSON.stringify([sql, values]), {
        kept: ordersKept,
        read: () =>
          held.database
            .prepare<unknown[], number>(sql)
            .pluck()
            .all(...values),
      }),
  };
}

function connection(): Held | null {
  const file = storeFile();
  const stat = statSync(/*turbopackIgnore: true*/ file, { throwIfNoEntry: false });
  if (stat === undefined || stat.size === 0) return null;
  const identity = `${stat.dev}-${stat.ino}`;
  const held = keeper.probegridStore;
  if (held?.file === file && held.identity === identity) return held;
  held?.opened.close();
  keeper.probegridStore = undefined;
  const opened = open(file, { readonly: true });
  const database = opened.sqlite;
  database.pragma("temp_store = memory");
  database.pragma("cache_size = -32000");
  const fresh: Held = {
    file,
    identity,
    opened,
    database,
    results: new Map(),
    keys: new Map(),
    columns: new Map(),
    generation: "",
  };
  keeper.probegridStore = fresh;
  return fresh;
}

/** Changes with every commit of the writer; reading it costs one file header. */
function generationOf(database: Database): string {
  return String(database.pragma("data_version", { simple: true }));
}

type Reading<Result> = { readonly kept: number; readonly read: () => Result };

/** A result that is known already, or is read and known from then on; the oldest make room. */
function remembered<Result>(
  known: Map<string, Result>,
  key: string,
  { kept, read }: Reading<Result>,
): Result {
  const found = known.get(key);
  if (found !== undefined) return found;
  const result = read();
  if (known.size >= kept) {
    const oldest = known.keys().next().value;
    if (oldest !== undefined) known.delete(oldest);
  }
  known.set(key, result);
  return result;
}
