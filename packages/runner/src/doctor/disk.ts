/** @file Looks how much room there is where Probegrid writes. */

import { freeBytes } from "../cache.ts";
import { formatBytes } from "../format.ts";
import { type Finding, ok, problem } from "./finding.ts";

const little = 2e9; // bytes

export function examineDisks(folders: Readonly<Record<string, string>>): readonly Finding[] {
  return Object.entries(folders).map(([what, folder]) => {
    const free = freeBytes(folder);
    const text = `${formatBytes(free)} free for the ${what} (${folder})`;
    if (free >= little) return ok("disk", text);
    return problem("disk", text, "make room: probegrid gc shows what the cache can do without");
  });
}
