/** @file Says about once a second that a run lives, and notices when its store can no longer be written. */

import { statSync } from "node:fs";
import { recordProgress, type Store, StoreError } from "../store/index.ts";

export type Heartbeat = {
  readonly end: () => void;
  /** Why the run can not go on, once it can not. */
  readonly problem: () => unknown;
};

const interval = 1000; // milliseconds

/** Beats until `end`; at the first problem it aborts `stop`, and nothing new is begun. */
export function startHeartbeat(store: Store, run: number, stop: AbortController): Heartbeat {
  const file = identityOf(store.file);
  let problem: unknown;
  const timer = setInterval(() => {
    try {
      if (identityOf(store.file) !== file) throw removed(store);
      recordProgress(store, run, []);
    } catch (error) {
      if (error instanceof StoreError && error.code === "busy") return; // the next beat may get through
      problem ??= error;
      clearInterval(timer);
      stop.abort();
    }
  }, interval);
  return { end: () => clearInterval(timer), problem: () => problem };
}

/** Tells a file from another that took its place. */
function identityOf(file: string): string | undefined {
  if (file === ":memory:") return undefined;
  const stats = statSync(file, { throwIfNoEntry: false });
  return stats ? `${stats.dev}:${stats.ino}` : "gone";
}

function removed({ file }: Store): StoreError {
  return new StoreError(
    "missing",
    `store ${file}: was removed or replaced while this run wrote into it; run again, encodings that are made are kept`,
  );
}
