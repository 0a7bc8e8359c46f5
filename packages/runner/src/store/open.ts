/** @file Opens a store: one SQLite file with its settings, migrations and locks. */

import { existsSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import Database from "better-sqlite3";
import { type BetterSQLite3Database, drizzle } from "drizzle-orm/better-sqlite3";
import { atLeast } from "../at-least.ts";
import { networkFileSystemOf } from "./file-system.ts";
import { type RunnerLock, takeRunnerLock } from "./lock.ts";
import { checkVersion, migrate } from "./migrate.ts";
import { createPrivateFile } from "./private-file.ts";
import { explainSqliteError, StoreError, sqliteCode } from "./store-error.ts";

export type OpenOptions = {
  /** Never write, not even migrations; the file must exist. */
  readonly readonly?: boolean;
  /** Refuse to make a new store. */
  readonly mustExist?: boolean;
  /** Hold the one-runner lock until closed. */
  readonly runner?: boolean;
};

/** Versions before this one can corrupt a write-ahead log (sqlite.org/wal.html#walresetbug). */
export const oldestSqlite = "3.51.3";

/** Milliseconds to wait for another process that writes. */
const busyTimeout = 10_000;

/** An open store. Made by `openStore`; functions of write.ts and read.ts take it as first argument. */
export class Store {
  readonly file: string;
  readonly readonly: boolean;
  /** Things a person should know about where the store lies. */
  readonly warnings: readonly string[];
  /** The connection itself, for statements drizzle can not say. */
  readonly sqlite: Database.Database;
  /** Typed queries. */
  readonly drizzle: BetterSQLite3Database;
  readonly #lock: RunnerLock | undefined;

  constructor(
    sqlite: Database.Database,
    rest: { file: string; warnings: readonly string[]; lock: RunnerLock | undefined },
  ) {
    this.file = rest.file;
    this.readonly = sqlite.readonly;
    this.warnings = rest.warnings;
    this.sqlite = sqlite;
    this.drizzle = drizzle(sqlite);
    this.#lock = rest.lock;
  }

  /** Runs a function in one write transaction: all of it is on disk afterwards, or none. */
  transaction<T>(work: () => T): T {
    try {
      return this.sqlite.transaction(work).immediate();
    } catch (error) {
      throw explainSqliteError(error, this.file);
    }
  }

  close(): void {
    this.sqlite.close();
    this.#lock?.release();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/** Opens a store, making the file and its folder where allowed; `:memory:` gives an empty one that is never written. */
export function openStore(file: string, options: OpenOptions = {}): Store {
  const path = file === ":memory:" ? file : resolve(file);
  if (statSync(path, { throwIfNoEntry: false })?.isFile() === false) {
    throw new StoreError("not-a-store", `store ${path}: expected a file, got a folder or a device`);
  }
  try {
    return options.readonly === true ? openToRead(path) : openToWrite(path, options);
  } catch (error) {
    throw explainSqliteError(error, path);
  }
}

function openToWrite(file: string, { runner = false, mustExist = false }: OpenOptions): Store {
  const stored = file !== ":memory:";
  if (mustExist) requireFile(file);
  if (stored) createPrivateFile(file);
  const network = stored ? networkFileSystemOf(dirname(file)) : undefined;
  const lock = runner && stored ? takeRunnerLock(file) : undefined;
  let sqlite: Database.Database | undefined;
  try {
    sqlite = new Database(file, { timeout: busyTimeout });
    requireSqlite(sqlite);
    sqlite.pragma("trusted_schema = off");
    sqlite.pragma("cell_size_check = on");
    migrate(sqlite, file);
    if (lock !== undefined) checkAfterCrash(sqlite, file);
    sqlite.pragma("foreign_keys = on");
    if (stored) setJournal(sqlite, network === undefined ? "wal" : "delete");
    sqlite.pragma("synchronous = full");
    sqlite.pragma(`journal_size_limit = ${64 * 2 ** 20}`);
    return new Store(sqlite, { file, warnings: networkWarnings(file, network), lock });
  } catch (error) {
    sqlite?.close();
    lock?.release();
    throw error;
  }
}

function openToRead(file: string): Store {
  if (file === ":memory:") throw new StoreError("missing", "store :memory: can not be read only");
  requireFile(file);
  const sqlite = connectToRead(file);
  try {
    requireSqlite(sqlite);
    sqlite.pragma("trusted_schema = off");
    sqlite.pragma("cell_size_check = on");
    checkVersion(sqlite, file);
    return new Store(sqlite, { file, warnings: [], lock: undefined });
  } catch (error) {
    sqlite.close();
    throw error;
  }
}

function requireFile(file: string): void {
  if (existsSync(file)) return;
  const message = `store ${file}: no such file; run an experiment first or name another with --store`;
  throw new StoreError("missing", message);
}

/** A store in a folder that can not be written has no room for SQLite's shared memory: nobody writes it, so read it as it is. */
function connectToRead(file: string): Database.Database {
  const sqlite = new Database(file, { readonly: true, fileMustExist: true, timeout: busyTimeout });
  try {
    sqlite.pragma("user_version");
    return sqlite;
  } catch (error) {
    sqlite.close();
    const isolated = ["SQLITE_CANTOPEN", "SQLITE_READONLY_DIRECTORY", "SQLITE_READONLY_CANTINIT"];
    if (!isolated.includes(sqliteCode(error) ?? "") || existsSync(`${file}-wal`)) throw error;
    return new Database(`${pathToFileURL(file).href}?immutable=1`, { readonly: true });
  }
}

function requireSqlite(sqlite: Database.Database): void {
  const version = sqliteVersion(sqlite);
  if (atLeast(version, oldestSqlite)) return;
  throw new Error(`store: expected SQLite ${oldestSqlite} or newer, got ${version}`);
}

/** The version of SQLite that is compiled in. */
export function sqliteVersion(sqlite: Database.Database): string {
  return sqlite.prepare<[], string>("select sqlite_version()").pluck().get() ?? "unknown";
}

/** Changing the journal needs the file alone, and SQLite does not wait for that by itself. */
function setJournal(sqlite: Database.Database, mode: "wal" | "delete"): void {
  const deadline = performance.now() + busyTimeout;
  while (true) {
    try {
      if (sqlite.pragma(`journal_mode = ${mode}`, { simple: true }) === mode) return;
    } catch (error) {
      if (!sqliteCode(error)?.startsWith("SQLITE_BUSY")) throw error;
    }
    if (performance.now() > deadline) {
      throw new StoreError("busy", `store ${sqlite.name}: another process keeps it in use`);
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
  }
}

/** When a run never said how it ended, the pages are checked before anything is added to them. */
function checkAfterCrash(sqlite: Database.Database, file: string): void {
  const open = sqlite.prepare("select 1 from runs where finishedAt is null limit 1").get();
  if (open === undefined) return;
  const found = sqlite.pragma("quick_check(1)", { simple: true });
  if (found === "ok") return;
  const message = `store ${file}: the file is damaged (${found}); restore a copy or choose another --store`;
  throw new StoreError("damaged", message);
}

function networkWarnings(file: string, network: string | undefined): readonly string[] {
  if (network === undefined) return [];
  return [
    `store ${file} lies on ${network}, a file system shared by machines: SQLite's locks are not reliable there; a --store on a local disk is safer and faster`,
  ];
}
