/** @file The best checkpoint of an experiment under a name that does not change. */

import { existsSync, lstatSync, mkdirSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { Store } from "../store/index.ts";
import { bestTrainings } from "./best-training.ts";
import type { FinetuneExperiment } from "./experiment.ts";
import type { PlannedTraining } from "./plan-trainings.ts";

/**
 * Makes `<checkpoints>/best` (with several datasets: `best-<dataset>`) stand for the best checkpoint,
 * so that a probing experiment can name it; removes the others where only the best is kept.
 */
export function linkBest(
  store: Store,
  { keep }: FinetuneExperiment,
  trainings: readonly PlannedTraining[],
): void {
  const present = trainings.filter(({ out }) => existsSync(out));
  const best = bestTrainings(store, present);
  for (const { dataset, out } of best) {
    const suffix = best.length === 1 ? "" : `-${dataset.name.replace(/[^\w.-]+/g, "-")}`;
    replaceLink(join(dirname(out), `best${suffix}`), basename(out));
  }
  if (keep === "all") return;
  for (const training of present) {
    if (
      best.some(({ dataset }) => dataset.id === training.dataset.id) &&
      !best.includes(training)
    ) {
      rmSync(training.out, { recursive: true, force: true });
    }
  }
}

function replaceLink(path: string, target: string): void {
  const old = lstatSync(path, { throwIfNoEntry: false });
  if (old && !old.isSymbolicLink()) return; // someone's own folder of that name stays
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}.partial`;
  symlinkSync(target, temporary);
  renameSync(temporary, path);
}
