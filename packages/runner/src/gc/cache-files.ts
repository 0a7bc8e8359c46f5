/** @file What lies in a cache folder: encodings and their parts, work in progress, and what crashes left behind. */

import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

/** encoding: a finished part; begun: an encoding that the next run goes on with; stray: of a process that is gone. */
export type CacheFileKind = "encoding" | "begun" | "stray" | "other";

export type CacheFile = {
  readonly path: string;
  readonly kind: CacheFileKind;
  /** Id of the encoding it belongs to, null where it belongs to none. */
  readonly encoding: string | null;
  readonly bytes: number;
};

const encodingName =
  /^([0-9a-f]{16})(?:\.\d+)?\.safetensors(\.partial|\.journal|\.sha256|\.lock)?$/;
const strayName = /^\..+\.(\d+)-\d+\.partial$/;

/** Every file of a cache folder; none when there is no folder. */
export function listCache(cache: string): readonly CacheFile[] {
  if (!statSync(cache, { throwIfNoEntry: false })?.isDirectory()) return [];
  return readdirSync(cache, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => {
      const path = join(cache, name);
      const bytes = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
      const [, encoding, suffix] = encodingName.exec(name) ?? [];
      if (encoding !== undefined) {
        const begun = suffix === ".partial" || suffix === ".journal";
        return { path, bytes, encoding, kind: begun ? "begun" : "encoding" };
      }
      return { path, bytes, encoding: null, kind: isStray(name) ? "stray" : "other" };
    });
}

/** A temporary file whose process has ended. */
export function isStray(name: string): boolean {
  const [, pid] = strayName.exec(name) ?? [];
  return pid !== undefined && !isAlive(Number(pid));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
