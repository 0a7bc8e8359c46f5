/** @file The store as the dashboard sees it: one read-only connection, opened when first needed, reopened when the file is replaced. */

import { statSync } from "node:fs";
import { type Store as OpenStore, openStore as open } from "@probegrid/runner/store";
import { type Facts, refreshFacts } from "./facts.ts";
import { atOnce, countScores, readScoreColumns, type ScoreColumns } from "./trial-columns.ts";

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
  /** What tells all trials apart. */
  readonly facts: Facts;
  /** Summaries of a metric over all trials; those of few metrics are kept. */
  readonly scores: (metric: string) => ScoreColumns;
  /** A value for each trial, remembered like that; few are kept, for these are long. */
  readonly column: <Column>(name: string, read: () => Column) => Column;
  /** What a function found out about the data, remembered like that under a name. */
  readonly known: <Result>(name: string, find: () => Result) => Result;
};

type Held = {
  file: string;
  identity: string;
  opened: OpenStore;
  database: Database;
  results: Map<string, unknown>;
  columns: Map<string, unknown>;
  scores: Map<string, ScoreColumns>;
  facts: Facts | null;
  generation: string;
};

/** Results kept at a time; a page needs about ten. */
const resultsKept = 200;
/** Orders of the table, members of experiments and the like kept at a time: 0.4 to 0.8 MB each at 100,000 trials. */
const columnsKept = 12;
/** Metrics kept at a time: 5 MB each. */
const metricsKept = 5;

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
    const before = held.facts?.trials;
    held.facts = yield* refreshFacts(held.database, held.facts);
    const { trials } = held.facts;
    const same = before?.length === trials.length && before.at(-1) === trials.at(-1);
    for (const [metric, { rows }] of held.scores) {
      if (!same || rows !== countScores(held.database, metric)) held.scores.delete(metric);
    }
    held.results.clear();
    held.columns.clear();
    held.generation = generation;
  }
  return true;
}

/** Reads the scores of a metric step by step, where they are not in memory. */
export function* refreshScores(metric: string): Generator<void> {
  const held = connection();
  if (held?.facts == null || held.scores.has(metric)) return;
  const { facts } = held;
  const scores = yield* readScoreColumns(held.database, metric, facts);
  if (held.facts === facts)
    remembered(held.scores, metric, { kept: metricsKept, read: () => scores });
}

/** The store, or null while its file does not exist; in one go, unless `refreshStore` went before. */
export function openStore(): Store | null {
  atOnce(refreshStore());
  const held = connection();
  if (held?.facts == null) return null;
  const { database, facts, generation } = held;
  return {
    file: held.file,
    opened: held.opened,
    database,
    generation: `${held.identity}-${generation}`,
    facts,
    all: <Row>(sql: string, ...values: readonly unknown[]) =>
      remembered<unknown>(held.results, JSON.stringify([sql, values]), {
        kept: resultsKept,
        read: () => database.prepare(sql).all(...values),
      }) as readonly Row[],
    rows: <Row extends readonly unknown[]>(sql: string, ...values: readonly unknown[]) =>
      database
        .prepare(sql)
        .raw()
        .all(...values) as Row[],
    known: <Result>(name: string, find: () => Result) =>
      remembered<unknown>(held.results, name, { kept: resultsKept, read: find }) as Result,
    column: <Column>(name: string, read: () => Column) =>
      remembered<unknown>(held.columns, name, { kept: columnsKept, read }) as Column,
    scores: (metric) =>
      remembered(held.scores, metric, {
        kept: metricsKept,
        read: () => atOnce(readScoreColumns(database, metric, facts)),
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
    columns: new Map(),
    scores: new Map(),
    facts: null,
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
