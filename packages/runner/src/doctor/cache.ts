/** @file Examines a cache folder: headers and checksums of encodings, work in progress, files of dead processes. */

import { basename } from "node:path";
import { verifyChecksum } from "../checksum.ts";
import { messageOf } from "../errors.ts";
import { formatBytes, plural } from "../format.ts";
import { type CacheFile, listCache } from "../gc/cache-files.ts";
import { readHeader } from "../safetensors.ts";
import { type Finding, note, ok, problem } from "./finding.ts";
import { examinePrivacy } from "./privacy.ts";

export async function examineCache(cache: string): Promise<readonly Finding[]> {
  const files = listCache(cache);
  if (files.length === 0)
    return [note("cache", `${cache} is empty or not there`, "a run fills it")];
  const encodings = files.filter(({ path }) => path.endsWith(".safetensors"));
  const damaged: Finding[] = [];
  let unnoted = 0;
  for (const { path } of encodings) {
    const found = await examineEncoding(path);
    if (found === "unnoted") unnoted++;
    else if (found !== null) damaged.push(found);
  }
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const text = `${cache}: ${plural(encodings.length, "encoding file")}, ${formatBytes(bytes)}`;
  return [
    ...(damaged.length > 0 ? damaged : [ok("cache", `${text}, sound`)]),
    ...(unnoted > 0
      ? [note("cache", `${plural(unnoted, "encoding file")} without a checksum`)]
      : []),
    ...examineRest(files),
    ...examinePrivacy("cache", [cache, ...files.map(({ path }) => path)]).slice(0, 3),
  ];
}

async function examineEncoding(file: string): Promise<Finding | "unnoted" | null> {
  const advice = `rm ${file}: the next run makes it again`;
  try {
    readHeader(file);
    const same = await verifyChecksum(file);
    if (same === null) return "unnoted";
    return same ? null : problem("cache", `${file} is not what was written (checksum)`, advice);
  } catch (error) {
    return problem("cache", messageOf(error), advice);
  }
}

function examineRest(files: readonly CacheFile[]): readonly Finding[] {
  const begun = files.filter(({ path }) => path.endsWith(".safetensors.partial"));
  const stray = files.filter(({ kind }) => kind === "stray");
  const size = (some: readonly CacheFile[]): string =>
    formatBytes(some.reduce((sum, { bytes }) => sum + bytes, 0));
  return [
    ...begun.map(({ path, bytes }) =>
      note(
        "cache",
        `${basename(path)}: an encoding that was not finished, ${formatBytes(bytes)}`,
        "the next run goes on with it",
      ),
    ),
    ...(stray.length > 0
      ? [
          note(
            "cache",
            `${plural(stray.length, "file")} of processes that are gone, ${size(stray)}`,
            "probegrid gc --delete removes them",
          ),
        ]
      : []),
  ];
}
