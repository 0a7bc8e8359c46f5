/** @file Makes a store of synthetic trials with believable layer curves: `npx tsx bench/make-store.ts --trials 10000 --out FILE`. */

import { rmSync, statSync } from "node:fs";
import { parseArgs } from "node:util";
import {
  claimTrials,
  finishRun,
  finishTrials,
  openStore,
  planTrials,
  recordProgress,
  resetRunning,
  startRun,
} from "@probegrid/runner/store";
import { type Point, syntheticGrid, trialOf } from "./synthetic/grid.ts";
import { recordAll } from "./synthetic/records.ts";
import { failPoint, finishedTrialOf } from "./synthetic/scores.ts";

/** Trials finished per transaction. */
const batch = 200;

/** Writes `count` trials of ten folds and five metrics through the store's own functions; returns the seconds it took. */
export function makeStore(file: string, count: number): number {
  const start = performance.now();
  using store = openStore(file, { runner: true });
  resetRunning(store);
  const { experiment, environment } = recordAll(store);
  planTrials(store, experiment, planned(count));
  const run = startRun(store, {
    ...{ experiment, environment, command: "probegrid run experiments/synthetic.ts" },
    ...{ device: "cpu", workers: 2 },
  });
  let waiting: Point[] = [];
  let done = 0;
  const write = (): void => {
    claimTrials(
      store,
      waiting.map((point) => trialOf(point).id),
    );
    const finished = waiting.filter((point) => !failPoint(store, point));
    finishTrials(
      store,
      finished.map((point) => finishedTrialOf(point, environment)),
    );
    done += waiting.length;
    waiting = [];
  };
  for (const point of syntheticGrid(count)) {
    waiting.push(point);
    if (waiting.length === batch) write();
  }
  write();
  const total = { done, failed: 0, total: done, unit: "trials", rate: null, secondsLeft: 0 };
  recordProgress(store, run, [{ stage: "probe", ...total }]);
  finishRun(store, run, "failed");
  return (performance.now() - start) / 1000;
}

function* planned(count: number) {
  for (const point of syntheticGrid(count)) yield trialOf(point);
}

if (import.meta.filename === process.argv[1]) {
  const { values } = parseArgs({
    options: {
      trials: { type: "string", default: "10000" },
      out: { type: "string", default: "logs/synthetic.db" },
    },
  });
  const count = Number(values.trials);
  for (const end of ["", "-wal", "-shm", ".lock"]) rmSync(values.out + end, { force: true });
  const seconds = makeStore(values.out, count);
  const megabytes = (statSync(values.out).size / 1e6).toFixed(0);
  const memory = (process.resourceUsage().maxRSS / 1e3).toFixed(0);
  console.log(
    `${values.out}: ${count} trials in ${seconds.toFixed(1)} s (${((seconds / count) * 1e3).toFixed(2)} ms each), ${megabytes} MB, peak memory ${memory} MB`,
  );
}
