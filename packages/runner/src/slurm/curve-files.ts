/** @file Curves of trainings as files, so that tasks can prune by those of others. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { replaceFile } from "../atomic-file.ts";
import type { ScoreCurve } from "../finetune/pruning.ts";

const file = (folder: string, training: string): string =>
  join(folder, "curves", `${training}.json`);

/** Writes the watched score of a training at each evaluation so far. */
export function writeCurve(folder: string, training: string, curve: ScoreCurve): void {
  replaceFile(file(folder, training), JSON.stringify(curve));
}

/** A curve as it is now; empty where there is none. */
export function readCurve(folder: string, training: string): ScoreCurve {
  let text: string;
  try {
    text = readFileSync(file(folder, training), "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
  return z.array(z.number()).parse(JSON.parse(text));
}
