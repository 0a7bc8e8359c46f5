/** @file Curves of trainings as files: tasks prune by those of others, and the head shows how far each one is. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { watchedScore } from "@probegrid/probes";
import { z } from "zod";
import { replaceFile } from "../atomic-file.ts";
import type { PlannedTraining } from "../finetune/plan-trainings.ts";
import type { ScoreCurve } from "../finetune/pruning.ts";
import type { CurveRecord } from "../store/index.ts";

const file = (folder: string, training: string): string =>
  join(folder, "curves", `${training}.json`);

const points = z.array(
  z.object({
    part: z.enum(["train", "validation"]),
    metric: z.string(),
    evaluation: z.int(),
    epoch: z.number(),
    step: z.int(),
    value: z.number(),
  }),
);

/** Writes what a training's evaluations found so far. */
export function writeCurve(
  folder: string,
  training: string,
  records: readonly CurveRecord[],
): void {
  replaceFile(file(folder, training), JSON.stringify(records));
}

/** A curve as it is now; empty where there is none, or nothing that can be read. */
export function readCurve(folder: string, training: string): readonly CurveRecord[] {
  try {
    return points.parse(JSON.parse(readFileSync(file(folder, training), "utf8")));
  } catch {
    return []; // the next evaluation writes all of it again, and results come with their own
  }
}

/** The watched score at each evaluation. */
export function scoresOf(
  records: readonly CurveRecord[],
  { dataset }: { readonly dataset: Pick<PlannedTraining["dataset"], "task"> },
): ScoreCurve {
  const watched = watchedScore[dataset.task];
  return records
    .filter(({ part, metric }) => part === "validation" && metric === watched)
    .map(({ value }) => value);
}
