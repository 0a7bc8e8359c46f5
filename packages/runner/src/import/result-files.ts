/** @file Finds result files and reads what they hold, as Python wrote it: JSON that may say NaN and Infinity. */

import { readdirSync, readFileSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { ExperimentError, listNames, messageOf } from "../errors.ts";
import { locate } from "../locate.ts";
import { endOfText, parseJson } from "../parse-json.ts";

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
      const text = readFileSync(file, "utf8").replace(/^\uFEFF/, "");
      for (const entry of entriesOf(file, parsePythonJson(text))) entries.push(entry);
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
    const found = listNames(Object.keys(value).slice(0, 6)) || "no field";
    throw new Error(`expected metadata, expdata and data, or experiment_<n>, got ${found}`);
  }
  return names
    .sort(naturally)
    .map((name) => ({ where: `${basename(file)}: ${name}`, value: value[name] }));
}

const naturally = new Intl.Collator("en", { numeric: true }).compare;

/** Ten times what the largest published grids hold; each value becomes a row. */
const mostValues = 2 ** 23;

/** JSON in which a number may be NaN, Infinity or -Infinity: those become their names as texts. */
export function parsePythonJson(text: string): unknown {
  try {
    return parseJson(text, { values: mostValues });
  } catch (error) {
    if (!/\b(NaN|Infinity)\b/.test(text)) throw error;
    return parseJson(quoteNonFinite(text), { values: mostValues });
  }
}

/** NaN and Infinity as texts; those inside texts stay as they are. */
function quoteNonFinite(text: string): string {
  const wanted = /"|-?\b(?:NaN|Infinity)\b/g;
  let result = "";
  let kept = 0;
  for (let found = wanted.exec(text); found !== null; found = wanted.exec(text)) {
    if (found[0] === '"') {
      wanted.lastIndex = endOfText(text, found.index) + 1;
      continue;
    }
    result += `${text.slice(kept, found.index)}"${found[0]}"`;
    kept = wanted.lastIndex;
  }
  return result + text.slice(kept);
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
