/** @file One run at a time writes encodings into a cache folder, whatever store it fills. */

import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { StoreError } from "../store/index.ts";
import { type RunnerLock, takeRunnerLock } from "../store/lock.ts";
import type { RunContext } from "./context.ts";

const patience = 500; // milliseconds between attempts

/** Waits for a run of another store to finish its encodings, which this one may then find made; null when stopped. */
export async function lockCache({ cache, log, stop }: RunContext): Promise<RunnerLock | null> {
  for (let attempt = 0; !stop.signal.aborted; attempt++) {
    try {
      return takeRunnerLock(join(cache, "encodings"));
    } catch (error) {
      if (!(error instanceof StoreError && error.code === "locked")) throw error;
      if (attempt === 0) log.line(`cache ${cache}: another run is encoding into it; waiting`);
      await sleep(patience);
    }
  }
  return null;
}
