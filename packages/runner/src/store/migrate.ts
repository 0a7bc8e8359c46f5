/** @file Brings a store to the version of this program, and refuses files that are not ours. */

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type Database from "better-sqlite3";
import { getTableConfig, SQLiteTable } from "drizzle-orm/sqlite-core";
import journal from "./migrations/meta/_journal.json" with { type: "json" };
import * as schema from "./schema.ts";
import { StoreError } from "./store-error.ts";

/** SQLite's application_id of our files: "PGrd" in ASCII. */
export const applicationId = 0x50477264;

/** Version of the tables this program knows: how many migrations there are. */
export const storeVersion = journal.entries.length;

/** Applies the missing migrations in one exclusive transaction; of two openers one waits and finds nothing to do. */
export function migrate(sqlite: Database.Database, file: string): void {
  const apply = sqlite.transaction(() => {
    const version = versionOf(sqlite);
    if (version === storeVersion) return;
    if (version === 0) refuseForeign(sqlite, file);
    for (const entry of journal.entries.slice(version)) {
      sqlite.exec(readFileSync(migrationFile(entry.tag), "utf8"));
    }
    sqlite.pragma(`user_version = ${storeVersion}`);
    sqlite.pragma(`application_id = ${applicationId}`);
  });
  refuseNewer(sqlite, file);
  if (versionOf(sqlite) !== storeVersion) apply.exclusive();
  checkTables(sqlite, file);
}

/** For a store that is only read: says clearly when it is not a store of exactly this version. */
export function checkVersion(sqlite: Database.Database, file: string): void {
  refuseNewer(sqlite, file);
  const version = versionOf(sqlite);
  if (version < storeVersion) {
    if (version === 0) refuseForeign(sqlite, file);
    const message = `store ${file}: has version ${version}, expected ${storeVersion}; any run on it upgrades it`;
    throw new StoreError("older", message);
  }
  checkTables(sqlite, file);
}

/** Names of the tables and columns in schema.ts. */
function* expectedColumns(): Generator<{ table: string; columns: readonly string[] }> {
  for (const table of Object.values(schema)) {
    if (!(table instanceof SQLiteTable)) continue;
    const { name, columns } = getTableConfig(table);
    yield { table: name, columns: columns.map((column) => column.name) };
  }
}

function versionOf(sqlite: Database.Database): number {
  return Number(sqlite.pragma("user_version", { simple: true }));
}

function migrationFile(tag: string): string {
  return fileURLToPath(new URL(`./migrations/${tag}.sql`, import.meta.url));
}

function refuseNewer(sqlite: Database.Database, file: string): void {
  const id = sqlite.pragma("application_id", { simple: true });
  const version = versionOf(sqlite);
  if (version === 0 || id !== applicationId || version <= storeVersion) return;
  const message = `store ${file}: was written by a newer version (${version}), expected at most ${storeVersion}; update Probegrid or choose another --store`;
  throw new StoreError("newer", message);
}

/** A file without our mark must be empty. */
function refuseForeign(sqlite: Database.Database, file: string): void {
  const found = sqlite
    .prepare<[], { name: string }>("select name from sqlite_schema limit 1")
    .get();
  if (found === undefined) return;
  const message = `store ${file}: expected a Probegrid store, got another SQLite database (it has ${found.name})`;
  throw new StoreError("not-a-store", message);
}

/** Every table and column must be there, and no view or trigger that could act on our behalf. */
function checkTables(sqlite: Database.Database, file: string): void {
  if (sqlite.pragma("application_id", { simple: true }) !== applicationId) {
    const message = `store ${file}: expected a Probegrid store, got another SQLite database`;
    throw new StoreError("not-a-store", message);
  }
  const active = sqlite
    .prepare<[], { type: string; name: string }>(
      "select type, name from sqlite_schema where type in ('view', 'trigger') limit 1",
    )
    .get();
  if (active !== undefined) {
    const message = `store ${file}: expected plain tables, got ${active.type} ${active.name}`;
    throw new StoreError("not-a-store", message);
  }
  const columnsOf = sqlite.prepare<[string], { name: string }>(
    "select name from pragma_table_info(?)",
  );
  for (const { table, columns } of expectedColumns()) {
    const present = new Set(columnsOf.all(table).map((column) => column.name));
    const missing = columns.find((column) => !present.has(column));
    if (missing === undefined) continue;
    const message = `store ${file}: table ${table} has no column ${missing}; it was not made by this version`;
    throw new StoreError("not-a-store", message);
  }
}
