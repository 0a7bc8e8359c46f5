/** @file One runner per store: a lock of the operating system that dies with the process that holds it. */

import { hostname } from "node:os";
import Database from "better-sqlite3";
import { createPrivateFile } from "./private-file.ts";
import { StoreError, sqliteCode } from "./store-error.ts";

/** Held until `release` or the end of the process, however it ends. */
export type RunnerLock = { readonly release: () => void };

type Holder = { readonly pid: number; readonly host: string; readonly since: number };

/** Milliseconds a second runner waits before it gives up: long enough for a holder to sign its name. */
const patience = 250;

/**
 * Takes the lock of a store, or throws a StoreError that names the holder.
 * The lock is SQLite's RESERVED lock on `<store>.lock`: one process has it, others still read who.
 */
export function takeRunnerLock(storeFile: string): RunnerLock {
  const lockFile = `${storeFile}.lock`;
  createPrivateFile(lockFile);
  const lock = new Database(lockFile, { timeout: patience });
  try {
    signAndHold(lock);
  } catch (error) {
    const holder = sqliteCode(error) === "SQLITE_BUSY" ? describe(lock) : undefined;
    lock.close();
    if (holder === undefined) throw error;
    throw new StoreError("locked", `store ${storeFile}: a runner is already at work, ${holder}`, {
      cause: error,
    });
  }
  return { release: () => lock.close() };
}

/** Signing needs a commit, which lets go for an instant: repeats until the lock and the name are both ours. */
function signAndHold(lock: Database.Database): void {
  sign(lock);
  lock.exec("begin immediate");
  if (isOurs(readHolder(lock))) return;
  lock.exec("rollback");
  signAndHold(lock);
}

function sign(lock: Database.Database): void {
  lock
    .transaction(() => {
      lock.exec("create table if not exists holder (pid integer, host text, since integer)");
      lock.exec("delete from holder");
      lock.prepare("insert into holder values (?, ?, ?)").run(process.pid, hostname(), Date.now());
    })
    .immediate();
}

function readHolder(lock: Database.Database): Holder | undefined {
  return lock.prepare<[], Holder>("select pid, host, since from holder").get();
}

function isOurs(holder: Holder | undefined): boolean {
  return holder?.pid === process.pid && holder.host === hostname();
}

function describe(lock: Database.Database): string {
  const holder = readHolder(lock);
  if (holder === undefined) return "its process is not known";
  return `process ${holder.pid} on ${holder.host} since ${new Date(holder.since).toISOString()}`;
}
