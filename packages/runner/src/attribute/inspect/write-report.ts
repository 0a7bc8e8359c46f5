/** @file Writes what R0 writes: positive.json, negative.json and clouds/<class>/<keyword>.{png,json}. */

import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { replaceFile, syncFolder } from "../../atomic-file.ts";
import { drawCloud } from "../../clouds/draw-cloud.ts";
import { fileNames } from "../../clouds/file-names.ts";
import { ExperimentError } from "../../errors.ts";
import type { ContextRecord } from "../../store/index.ts";
import type { AveragedWord } from "./word-averages.ts";

/** Words of each class, in the order of the classes. */
export type ClassWords = readonly (readonly [string, readonly AveragedWord[]])[];

export type Report = {
  readonly positive: ClassWords;
  readonly negative: ClassWords;
  readonly contexts: readonly ContextRecord[];
  readonly seed: number;
};

const ours = new Set(["positive.json", "negative.json", "clouds"]);

/** Refuses a folder that holds anything but an earlier report, or one without leave to replace it. */
export function checkOut(out: string, overwrite: boolean): void {
  if (!existsSync(out)) return;
  const others = readdirSync(out).filter((name) => !ours.has(name));
  if (others.length > 0) {
    throw new ExperimentError(`--out ${out}: holds other files (${others.slice(0, 3).join(", ")})`);
  }
  if (readdirSync(out).length > 0 && !overwrite) {
    throw new ExperimentError(
      `--out ${out}: holds a report already; add --overwrite to replace it`,
    );
  }
}

/** Writes the report beside its place and then gives it its name. Returns the number of clouds. */
export async function writeReport(out: string, report: Report): Promise<number> {
  const place = resolve(out);
  const draft = join(dirname(place), `.${basename(place)}.${process.pid}.partial`);
  rmSync(draft, { recursive: true, force: true });
  try {
    mkdirSync(join(draft, "clouds"), { recursive: true });
    for (const sign of ["positive", "negative"] as const) {
      replaceFile(join(draft, `${sign}.json`), jsonText(Object.fromEntries(report[sign])));
    }
    const count = await writeClouds(join(draft, "clouds"), report);
    rmSync(place, { recursive: true, force: true });
    renameSync(draft, place);
    syncFolder(dirname(place));
    return count;
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

async function writeClouds(folder: string, { contexts, seed }: Report): Promise<number> {
  const classFolders = fileNames(contexts.map(({ label }) => label));
  let count = 0;
  for (const [label, name] of classFolders) {
    const own = contexts.filter((context) => context.label === label && context.words.length > 0);
    const files = fileNames(own.map(({ keyword }) => keyword));
    for (const { keyword, occurrences, words } of own) {
      const file = join(folder, name, files.get(keyword)!);
      const { png } = await drawCloud(words, { seed: `${seed}/${label}/${keyword}` });
      replaceFile(`${file}.png`, png);
      replaceFile(`${file}.json`, contextText({ label, keyword, occurrences, words }));
      count += 1;
    }
  }
  return count;
}

/** Written out entry by entry: an object would put words such as "7" before all others. */
function contextText({ label, keyword, occurrences, words }: ContextRecord): string {
  const fields = Object.entries({ class: label, keyword, occurrences })
    .map(([name, value]) => `  "${name}": ${JSON.stringify(value)},\n`)
    .join("");
  const weights = words.map(({ word, weight }) => `    ${JSON.stringify(word)}: ${weight}`);
  return `{\n${fields}  "words": {\n${weights.join(",\n")}\n  }\n}\n`;
}

const jsonText = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
