/** @file Looks whether others on this machine may read what is private. */

import { statSync } from "node:fs";
import { type Finding, note } from "./finding.ts";

const sticky = 0o1000; // in such a folder only owners remove their files

/**
 * One finding per file that others may read or write, and per folder in which they may put others in its place;
 * nothing where modes say nothing.
 */
export function examinePrivacy(subject: string, paths: readonly string[]): readonly Finding[] {
  if (process.platform === "win32") return [];
  return paths.flatMap((path) => {
    const stats = statSync(path, { throwIfNoEntry: false });
    if (!stats) return [];
    const mode = (stats.mode & 0o777).toString(8).padStart(4, "0");
    if (stats.isDirectory()) {
      if ((stats.mode & 0o022) === 0 || (stats.mode & sticky) !== 0) return [];
      return [note(subject, `others may write in ${path} (${mode})`, `chmod go-w ${path}`)];
    }
    if ((stats.mode & 0o077) === 0) return [];
    return [note(subject, `${path} is open to others (${mode})`, `chmod 600 ${path}`)];
  });
}
