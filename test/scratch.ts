/** @file One temporary folder for a whole test run, removed at its end with all that tests left in it. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Sends everything that asks for a temporary folder into a fresh one; returns what removes it. */
export function setup(): () => void {
  const folder = mkdtempSync(join(tmpdir(), "probegrid-test-"));
  process.env.TMPDIR = folder;
  return () => rmSync(folder, { recursive: true, force: true });
}
