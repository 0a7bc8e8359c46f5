/** @file Finds result files and reads what they hold, as Python wrote it: JSON that may say NaN and Infinity. */

import { readdirSync, readFileSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { ExperimentError, messageOf } from "../errors.ts";
import { locate } from "../locate.ts";
import { parseJson } from "../parse-json.ts";

/** One experiment of a file, not yet understood. */
export type Entry = {
  /** File and, in a bundle, the key: `experiments1.json: experiment_116`. */
  readonly where: string;
  readonly value: unknown;
};

/** A file or a part of one that can not be used, and why. */
export type Damage = { readonly where: string; readonly reason: string };

export type ResultFiles = {
  /** Absolute path of what was asked for. */
  readonly path: string;
  readonly files: readonly string[];
  readonly entries: readonly Entry[];
  readonly damaged: readonly Damage[];
};

/** Reads a file, or every .json file of a folder; whatever is not JSON is named and left out. */
export function readResultFiles(given: string): ResultFiles {
  const path = locate(given, { what: "results" });
  const files = statSync(path).isDirectory() ? jsonFiles(path) : [path];
  if (files.length === 0) throw new ExperimentError(`${path}: expected .json files, found none`);
  const entries: Entry[] = [];
  const damaged: Damage[] = [];
  for (const file of files) {
    try {
      entries.push(
        ...entriesOf(file, parsePythonJson(readFileSync(file, "utf8").replace(/^\uFEFF/, ""))),
      );
    } catch (error) {
      damaged.push({ where: file, reason: messageOf(error) });
    }
  }
  return { path, files, entries, damaged };
}

/** In natural order: experiment_2 before experiment_10. */
function jsonFiles(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".json"))
    .map(({ name }) => name)
    .sort(naturally)
    .map((name) => join(folder, name));
}

/** A single experiment, or a bundle of them by name. */
function entriesOf(file: string, value: unknown): readonly Entry[] {
  if (!isObject(value)) throw new Error("expected a JSON object");
  if (Object.hasOwn(value, "expdata")) return [{ where: basename(file), value }];
  const names = Object.keys(value).filter((name) => /^experiment_\d+$/.test(name));
  if (names.length === 0) {
    const found = Object.keys(value).slice(0, 6).join(", ") || "no field";
    throw new Error(`expected metadata, expdata and data, or experiment_<n>, got ${found}`);
  }
  return names
    .sort(naturally)
    .map((name) => ({ where: `${basename(file)}: ${name}`, value: value[name] }));
}

function naturally(a: string, b: string): number {
  return a.localeCompare(b, "en", { numeric: true });
}

/** JSON in which a number may be NaN, Infinity or -Infinity: those become their names as texts. */
export function parsePythonJson(text: string): unknown {
  try {
    return parseJson(text);
  } catch (error) {
    if (!/\b(NaN|Infinity)\b/.test(text)) throw error;
    // A text is matched whole first, so that the words inside texts stay as they are.
    const said = text.replace(/"(?:[^"\\]|\\.)*"|-?\b(?:NaN|Infinity)\b/g, (token) =>
      token.startsWith('"') ? token : `"${token}"`,
    );
    return parseJson(said);
  }
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
