/** @file Files and folders that only their owner can read, for shared login nodes. */

import { closeSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";

/** Makes an empty file with mode 0600, and missing folders above it with 0700; leaves what exists alone. */
export function createPrivateFile(file: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  try {
    closeSync(openSync(file, "wx", 0o600));
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  }
}
