/** @file Brings a bundle into a store, whole or not at all; what the store has finished already stands. */

import type Database from "better-sqlite3";
import { ExperimentError } from "../errors.ts";
import { type Store, StoreError } from "../store/index.ts";
import { sqliteCode } from "../store/store-error.ts";
import type { Cell, Row } from "./check-row.ts";
import { readBundle } from "./read-bundle.ts";
import type { BundleTable } from "./tables.ts";

export type ImportedBundle = {
  readonly experiment: string;
  /** Trials that are new, or finished now. */
  readonly added: number;
  /** Trials that the store had finished before. */
  readonly known: number;
};

/** Row numbers of the bundle and what they are here; null stands for a trial whose rows are not needed. */
type Keys = Readonly<Record<"experiments" | "trials" | "runs", Map<Cell, number | null>>>;

/** Reads and writes in one transaction; `experiment` names it anew. */
export async function importBundle(
  store: Store,
  { file, experiment }: { readonly file: string; readonly experiment?: string | undefined },
): Promise<ImportedBundle> {
  const { sqlite } = store;
  const keys: Keys = { experiments: new Map(), trials: new Map(), runs: new Map() };
  const writer = createWriter(sqlite, { keys, name: experiment });
  sqlite.exec("begin immediate");
  try {
    for await (const { table, row } of readBundle(file)) writer.write(table, row);
    const imported = writer.finish(file);
    sqlite.exec("commit");
    return imported;
  } catch (error) {
    if (sqlite.inTransaction) sqlite.exec("rollback");
    if (!sqliteCode(error)?.startsWith("SQLITE_CONSTRAINT")) throw error;
    const reason = error instanceof Error ? error.message : "";
    throw new ExperimentError(`${file}: the bundle contradicts itself: ${reason}`, {
      cause: error,
    });
  }
}

type Naming = { readonly keys: Keys; readonly name: string | undefined };

function createWriter(sqlite: Database.Database, { keys, name }: Naming) {
  const inserts = new Map<string, Database.Statement<[Row]>>();
  let experiment: string | undefined;
  let added = 0;
  let known = 0;

  const insert = (table: BundleTable, row: Row): Database.RunResult => {
    const columns = table.columns.filter((column) => row[column.name] !== undefined);
    const key = `${table.name} ${columns.length}`;
    const statement =
      inserts.get(key) ??
      sqlite.prepare<[Row]>(
        `insert or ignore into "${table.name}" (${columns.map((column) => `"${column.name}"`).join(", ")})
         values (${columns.map((column) => `:${column.name}`).join(", ")})`,
      );
    inserts.set(key, statement);
    return statement.run(row);
  };
  /** The row with the row numbers of this store; undefined when it belongs to a trial that stands already. */
  const rekey = (table: BundleTable, row: Row): Row | undefined => {
    const changed: Record<string, Cell> = { ...row };
    for (const [column, of] of Object.entries(table.keys)) {
      const key = keys[of].get(row[column] ?? null);
      if (key === null) return undefined;
      if (key === undefined)
        throw new ExperimentError(`${table.name}: no such ${of} in the bundle`);
      changed[column] = key;
    }
    return changed;
  };
  const members = new Set<number>();
  const writeTrial = (table: BundleTable, { key: oldKey = null, ...row }: Row): void => {
    const stored = sqlite
      .prepare<[Cell], { key: number; state: string }>("select key, state from trials where id = ?")
      .get(row.id ?? null);
    if (stored === undefined) {
      const { lastInsertRowid } = insert(table, row);
      keys.trials.set(oldKey, Number(lastInsertRowid));
      members.add(Number(lastInsertRowid));
      added++;
      return;
    }
    members.add(stored.key);
    const fills = stored.state !== "done" && row.state === "done";
    keys.trials.set(oldKey, fills ? stored.key : null);
    if (!fills) {
      known++;
      return;
    }
    const columns = table.columns.map((column) => column.name).filter((column) => column !== "key");
    sqlite
      .prepare(
        `update trials set ${columns.map((column) => `"${column}" = :${column}`).join(", ")} where key = :key`,
      )
      .run({ ...row, key: stored.key });
    added++;
  };
  const writeExperiment = (table: BundleTable, { key: oldKey = null, ...row }: Row): void => {
    if (experiment !== undefined) throw new ExperimentError("a bundle holds one experiment");
    experiment = name ?? String(row.name);
    insert(table, { ...row, name: experiment });
    const key = sqlite
      .prepare<[string], number>("select key from experiments where name = ?")
      .pluck()
      .get(experiment);
    keys.experiments.set(oldKey, key ?? null);
  };
  return {
    write(table: BundleTable, row: Row): void {
      if (table.name === "experiments") writeExperiment(table, row);
      else if (table.name === "trials") writeTrial(table, row);
      else if (table.name === "runs") writeRun(table, row);
      else if (table.name !== "experiment_trials") {
        const rekeyed = rekey(table, row);
        if (rekeyed) insertOrCompare(sqlite, { table, row: rekeyed, insert });
      }
    },
    finish(file: string): ImportedBundle {
      const [key] = keys.experiments.values();
      if (experiment === undefined || key == null) {
        throw new ExperimentError(`${file}: expected an experiment, found none`);
      }
      const link = sqlite.prepare("insert or ignore into experiment_trials values (?, ?)");
      for (const trial of members) link.run(key, trial);
      requireWhole(sqlite, file, members);
      return { experiment, added, known };
    },
  };

  function writeRun(table: BundleTable, { key: oldKey = null, ...row }: Row): void {
    const rekeyed = rekey({ ...table, keys: { experiment: "experiments" } }, row);
    if (!rekeyed) return;
    const same = sqlite
      .prepare<[Row], number>(
        "select key from runs where experiment = :experiment and host = :host and startedAt = :startedAt and pid = :pid",
      )
      .pluck()
      .get({
        experiment: rekeyed.experiment ?? null,
        host: rekeyed.host ?? null,
        startedAt: rekeyed.startedAt ?? null,
        pid: rekeyed.pid ?? null,
      });
    if (same !== undefined) keys.runs.set(oldKey, null);
    else keys.runs.set(oldKey, Number(insert(table, rekeyed).lastInsertRowid));
  }
}

type Insertion = {
  readonly table: BundleTable;
  readonly row: Row;
  readonly insert: (table: BundleTable, row: Row) => Database.RunResult;
};

/** A split that is known must be the same one: scores of other rows must never be compared. */
function insertOrCompare(sqlite: Database.Database, { table, row, insert }: Insertion): void {
  const { changes } = insert(table, row);
  if (changes > 0 || table.name !== "split_folds") return;
  const stored = sqlite
    .prepare<[Cell, Cell], Buffer>("select roles from split_folds where split = ? and fold = ?")
    .pluck()
    .get(row.split ?? null, row.fold ?? null);
  if (stored && Buffer.compare(stored, row.roles as Buffer) === 0) return;
  throw new StoreError("invalid", `split ${row.split} is stored with other folds`);
}

/** A trial that is done has scores, and its split has its folds. */
function requireWhole(sqlite: Database.Database, file: string, members: ReadonlySet<number>): void {
  const bare = sqlite.prepare<[number], string>(
    `select id from trials where key = ? and state = 'done' and kind <> 'attribute'
     and not exists (select 1 from scores where trial = key)`,
  );
  for (const key of members) {
    const id = bare.pluck().get(key);
    if (id !== undefined) throw new ExperimentError(`${file}: trial ${id} is done without a score`);
  }
}
