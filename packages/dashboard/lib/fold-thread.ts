/** @file Inside a thread: for each message, the trials asked for as lines of CSV. */

import { parentPort, workerData } from "node:worker_threads";
import Database from "better-sqlite3";
import { type FoldWork, foldPieces } from "./fold-lines.ts";

const { file, ...shape } = workerData as Omit<FoldWork, "keys"> & { readonly file: string };
// The server has checked the file; all of the store's package would take longer to load than the scores to read.
const database = told(() => new Database(file, { readonly: true, fileMustExist: true }));
database.pragma("trusted_schema = off");

parentPort?.on("message", (keys: Int32Array) => {
  const whole = told(() => Buffer.concat([...foldPieces(database, { ...shape, keys })]));
  // A copy of its own: small buffers share their memory with others, which must not move.
  const piece = whole.buffer.byteLength === whole.length ? whole : Uint8Array.from(whole);
  parentPort?.postMessage(piece, [piece.buffer as ArrayBuffer]);
});

/** Errors of SQLite lose their words on the way out of a thread; plain ones do not. */
function told<Result>(work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    throw new Error(`${file}: ${error instanceof Error ? error.message : error}`);
  }
}
