/** @file Looks how much room there is where Probegrid writes. */

import { existsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { freeBytes } from "../cache.ts";
import { formatBytes } from "../format.ts";
import { groupBy } from "../report/group-by.ts";
import { type Finding, ok, problem } from "./finding.ts";

const little = 2e9; // bytes

/** One finding per disk; `folders` says what is written where, be the folder there yet or not. */
export function examineDisks(folders: Readonly<Record<string, string>>): readonly Finding[] {
  const disks = groupBy(Object.entries(folders), ([, folder]) => String(diskOf(folder)));
  return [...disks.values()].map((uses) => {
    const free = freeBytes(uses[0]?.[1] ?? ".");
    const what = uses.map(([use, folder]) => `the ${use} (${folder})`).join(" and ");
    const text = `${formatBytes(free)} free for ${what}`;
    if (free >= little) return ok("disk", text);
    const cached = uses.some(([use]) => use === "cache");
    const room = cached
      ? "make room: probegrid gc shows what the cache can do without"
      : "make room";
    return problem("disk", text, room);
  });
}

function diskOf(folder: string): number {
  const above = dirname(folder);
  return existsSync(folder) || above === folder ? statSync(folder).dev : diskOf(above);
}
