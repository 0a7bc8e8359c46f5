/** @file What every stage of a run is given. */

import type { Device } from "@probegrid/probes";
import type { Checksums } from "../checksum.ts";
import type { Executor } from "../executor.ts";
import type { Grid } from "../grid.ts";
import type { Log } from "../log.ts";
import type { Store } from "../store/index.ts";
import type { BatchSizes } from "../supervisor/try-again.ts";

export type RunContext = {
  readonly grid: Grid;
  readonly store: Store;
  /** Key of the experiment in the store. */
  readonly experiment: number;
  /** Key of this run in the store. */
  readonly run: number;
  /** Id of the environment in the store. */
  readonly environment: string;
  readonly cache: string;
  readonly device: Device;
  readonly executor: Executor;
  /** Tokens of a batch, by model. */
  readonly batchSizes: BatchSizes;
  readonly checksums: Checksums;
  readonly log: Log;
  /** Aborts when nothing new should begin. */
  readonly stop: AbortController;
  readonly failFast: boolean;
};
