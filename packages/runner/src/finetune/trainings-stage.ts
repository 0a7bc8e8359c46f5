/** @file How far the trainings of an experiment are, all together, written to the store once a second. */

import { recordProgress, type Store } from "../store/index.ts";
import type { PlannedTraining } from "./plan-trainings.ts";

type Reporting = {
  readonly store: Store;
  readonly run: number;
  /** Trainings that failed before the first one began. */
  readonly failed: number;
};

export interface TrainingsStage {
  /** A training has done so many of its updates. */
  readonly advance: (training: PlannedTraining, updates: number) => void;
  readonly end: (training: PlannedTraining, ended: "done" | "failed" | "stopped") => void;
  readonly failed: number;
}

const interval = 1000; // milliseconds between writes

/** Follows trainings; the time that is left goes by their estimates, and how this machine keeps them. */
export function createTrainingsStage(
  open: readonly PlannedTraining[],
  { store, run, failed: failedBefore }: Reporting,
): TrainingsStage {
  const begun = performance.now();
  const shares = new Map<string, number>();
  const first = new Map<string, number>();
  let done = 0;
  let failed = failedBefore;
  let written = Number.NEGATIVE_INFINITY;
  const workOf = (of: ReadonlyMap<string, number>): number =>
    open.reduce((sum, { id, seconds }) => sum + (of.get(id) ?? 0) * seconds, 0);
  const total = open.reduce((sum, { seconds }) => sum + seconds, 0);
  const write = (): void => {
    written = performance.now();
    const speed = (workOf(shares) - workOf(first)) / ((written - begun) / 1000);
    recordProgress(store, run, [
      {
        ...{ stage: "finetune", done, failed, total: open.length, unit: "trainings" },
        rate: null,
        secondsLeft: speed > 0 ? (total - workOf(shares)) / speed : null,
      },
    ]);
  };
  return {
    advance({ id, updates }, step) {
      const share = Math.min(1, step / updates);
      if (!first.has(id)) first.set(id, share); // what an earlier run did says nothing of this one's speed
      shares.set(id, share);
      if (performance.now() - written >= interval) write();
    },
    end({ id }, ended) {
      if (ended === "stopped") return;
      shares.set(id, 1); // early or late: nothing is left of it
      done += 1;
      if (ended === "failed") failed += 1;
      write();
    },
    get failed() {
      return failed;
    },
  };
}
