/** @file Looks whether others on this machine may read what is private. */

import { statSync } from "node:fs";
import { type Finding, note } from "./finding.ts";

/** One finding per path that others may read or write; nothing where modes say nothing. */
export function examinePrivacy(subject: string, paths: readonly string[]): readonly Finding[] {
  if (process.platform === "win32") return [];
  return paths.flatMap((path) => {
    const stats = statSync(path, { throwIfNoEntry: false });
    if (!stats || (stats.mode & 0o077) === 0) return [];
    const mode = (stats.mode & 0o777).toString(8).padStart(4, "0");
    const wanted = stats.isDirectory() ? "700" : "600";
    return [note(subject, `${path} is open to others (${mode})`, `chmod ${wanted} ${path}`)];
  });
}
