/** @file The record of a run from begin to end, and what its stages are given. */

import type { Device } from "@probegrid/probes";
import { createChecksums } from "../checksum.ts";
import { describeEnvironment } from "../environment.ts";
import type { Executor } from "../executor.ts";
import type { Grid } from "../grid.ts";
import type { Log } from "../log.ts";
import {
  finishRun,
  type RunOutcome,
  recordEnvironment,
  resetRunning,
  retryFailed,
  type Store,
  startRun,
} from "../store/index.ts";
import { lastCrash } from "../supervisor/crash.ts";
import { batchSizesFor } from "../supervisor/known-batch-sizes.ts";
import type { RunContext } from "./context.ts";
import { startHeartbeat } from "./heartbeat.ts";
import { recordGrid } from "./record-grid.ts";

type Options = {
  readonly cache: string;
  readonly device: Device;
  readonly workers: number;
  readonly createExecutor: () => Executor;
  readonly log: Log;
  readonly stop: AbortController;
  readonly failFast: boolean;
  readonly command: string;
};

/** Makes pending what an earlier run left unfinished or failed, records the grid, and begins. */
export function beginRun(
  grid: Grid,
  store: Store,
  options: Options,
): { readonly context: RunContext; readonly close: (outcome: RunOutcome) => Promise<void> } {
  const { device, workers, command } = options;
  resetRunning(store);
  const experiment = recordGrid(store, grid);
  if (lastCrash() === null) retryFailed(store, experiment); // else they failed in this very run
  const environment = recordEnvironment(store, describeEnvironment(device));
  const run = startRun(store, { experiment, command, device, workers, environment });
  const heartbeat = startHeartbeat(store, run, options.stop);
  const executor = options.createExecutor();
  const batchSizes = batchSizesFor(device, options.cache);
  const checksums = createChecksums();
  const made = { experiment, run, environment, executor, batchSizes, checksums };
  return {
    context: { ...options, grid, store, ...made },
    close: async (outcome) => {
      heartbeat.end();
      await executor.close();
      await checksums.settled();
      const problem = heartbeat.problem();
      if (problem !== undefined) throw problem;
      finishRun(store, run, outcome);
    },
  };
}
