/** @file Finds what an experiment file names: beside that file, else in the current folder. */

import { existsSync } from "node:fs";
import { isAbsolute, resolve } from "node:path";
import { ExperimentError } from "./errors.ts";

/** Absolute path of `path`; the error names every place that was looked in. */
export function locate(path: string, { what, from }: { what: string; from?: string }): string {
  if (path.includes("\0")) throw new ExperimentError(`${what}: a path can not contain a NUL byte`);
  const folders = isAbsolute(path)
    ? ["/"]
    : [...new Set([from ?? ".", "."].map((f) => resolve(f)))];
  const places = folders.map((folder) => resolve(folder, path));
  const found = places.find((place) => existsSync(place));
  if (found !== undefined) return found;
  throw new ExperimentError(`${what} "${path}": not found, looked for ${places.join(" and ")}`);
}
