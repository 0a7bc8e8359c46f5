/** @file Waits for a lock that another process may hold. */

import { setTimeout as sleep } from "node:timers/promises";
import { StoreError } from "../store/index.ts";
import { type RunnerLock, takeRunnerLock } from "../store/lock.ts";

const patience = 500; // milliseconds between attempts

type Waiting = {
  readonly stop: AbortSignal;
  /** Called once, before the first wait. */
  readonly onWait: () => void;
};

/** Takes the lock of a file as soon as it is free; null when stopped. Throws where the file system knows no locks. */
export async function waitForLock(
  file: string,
  { stop, onWait }: Waiting,
): Promise<RunnerLock | null> {
  for (let told = false; !stop.aborted; told = true) {
    try {
      return takeRunnerLock(file);
    } catch (error) {
      if (!(error instanceof StoreError && error.code === "locked")) throw error;
      if (!told) onWait();
      await sleep(patience);
    }
  }
  return null;
}
