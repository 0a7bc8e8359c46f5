/** @file The one error of the store, with a code to tell its kinds apart. */

/** Why the store refused. */
export type StoreErrorCode =
  | "missing" // no such file, experiment or trial
  | "not-a-store" // the file is something else, or was tampered with
  | "newer" // written by a newer version
  | "older" // not upgraded yet, and opened for reading only
  | "locked" // another runner holds it
  | "busy" // another process kept writing for longer than we wait
  | "disk-full"
  | "damaged" // SQLite finds pages that contradict each other
  | "transition" // a trial can not go from its state to the one asked for
  | "not-finite" // NaN or an infinity where a number belongs
  | "invalid"; // a record that contradicts itself

/** The store refuses something: an illegal transition, a bad value or a file it can not use. */
export class StoreError extends Error {
  override readonly name = "StoreError";
  readonly code: StoreErrorCode;

  constructor(code: StoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Turns errors of SQLite that a person can act on into StoreErrors; gives back all others as they are. */
export function explainSqliteError(error: unknown, file: string): unknown {
  const code = sqliteCode(error);
  if (code === undefined || error instanceof StoreError) return error;
  if (code === "SQLITE_FULL" || code === "SQLITE_IOERR_WRITE") {
    const message = `store ${file}: no space left on the disk; what was finished is safe, make room and run again`;
    return new StoreError("disk-full", message, { cause: error });
  }
  if (code.startsWith("SQLITE_BUSY")) {
    const message = `store ${file}: another process is writing to it`;
    return new StoreError("busy", message, { cause: error });
  }
  if (code.startsWith("SQLITE_READONLY") || code === "SQLITE_CANTOPEN") {
    const message = `store ${file}: expected a file that can be opened and written, got ${code}`;
    return new StoreError("missing", message, { cause: error });
  }
  const odd = error instanceof Error && error.message === "unsupported file format"; // of a damaged heading
  if (code.startsWith("SQLITE_CORRUPT") || odd) {
    const message = `store ${file}: the file is damaged; restore a copy or choose another --store`;
    return new StoreError("damaged", message, { cause: error });
  }
  if (code === "SQLITE_NOTADB") {
    const message = `store ${file}: expected a Probegrid store, got a file that is no SQLite database`;
    return new StoreError("not-a-store", message, { cause: error });
  }
  return error;
}

/** SQLite's code of an error, looking through wrappers. */
export function sqliteCode(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if ("code" in error && typeof error.code === "string" && error.code.startsWith("SQLITE_")) {
    return error.code;
  }
  return sqliteCode(error.cause);
}
