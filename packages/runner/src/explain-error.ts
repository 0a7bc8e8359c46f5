/** @file What a person is told about an error, and the exit code that goes with it. */

import { ExperimentError } from "./errors.ts";
import { StoreError } from "./store/store-error.ts";

/** One line for what a person can put right (exit code 2); the stack for what only we can (1). */
export function explainError(error: unknown): { readonly text: string; readonly exitCode: 1 | 2 } {
  if (!(error instanceof Error)) return { text: String(error), exitCode: 1 };
  if (isDiskFull(error) && !(error instanceof StoreError)) {
    const text = "no space left on the disk; what was finished is safe, make room and run again";
    return { text: `${text} (${error.message})`, exitCode: 2 };
  }
  const ours = error instanceof ExperimentError || error instanceof StoreError;
  const broken =
    error.message.startsWith("internal:") ||
    [TypeError, RangeError, ReferenceError, SyntaxError].some((kind) => error instanceof kind);
  return ours || !broken
    ? { text: error.message, exitCode: 2 }
    : { text: error.stack ?? error.message, exitCode: 1 };
}

/** True when the run can not go on: every further trial would meet the same. */
export function isFatal(error: unknown): boolean {
  const fatal = ["disk-full", "damaged", "busy", "missing"];
  return isDiskFull(error) || (error instanceof StoreError && fatal.includes(error.code));
}

/** True when the disk is full; the error may have come out of a worker, where only its text is left. */
export function isDiskFull(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof StoreError && error.code === "disk-full") return true;
  return (
    /ENOSPC|EDQUOT|no space left|database or disk is full/.test(error.message) ||
    isDiskFull(error.cause)
  );
}
