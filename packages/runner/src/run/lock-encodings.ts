/** @file One process at a time makes an encoding, be it a run on this machine or a task of a cluster. */

import { join } from "node:path";
import { messageOf } from "../errors.ts";
import { missingFeatures } from "../plan.ts";
import type { RunnerLock } from "../store/lock.ts";
import type { RunContext } from "./context.ts";
import type { PendingPair } from "./pending.ts";
import { waitForLock } from "./wait-for-lock.ts";

/**
 * Locks the encodings that lack something, in the order of their ids; waits for those that others have, which may then
 * be found made. Null when stopped. Where the file system knows no locks it goes on without.
 */
export async function lockEncodings(
  context: RunContext,
  pairs: readonly PendingPair[],
): Promise<RunnerLock | null> {
  const { cache, log, stop } = context;
  const wanted = pairs
    .filter(({ pair }) => missingFeatures(pair, cache).size > 0)
    .map(({ pair }) => pair.encoding);
  const locks: RunnerLock[] = [];
  const release = (): void => {
    for (const lock of locks) lock.release();
  };
  let told = false;
  for (const encoding of [...new Set(wanted)].sort()) {
    const onWait = (): void => {
      if (!told) log.line(`cache ${cache}: another process makes ${encoding}; waiting`);
      told = true;
    };
    try {
      const file = join(cache, `${encoding}.safetensors`);
      const lock = await waitForLock(file, { stop: stop.signal, onWait });
      if (lock === null) {
        release();
        return null;
      }
      locks.push(lock);
    } catch (error) {
      log.line(`cache ${cache}: knows no locks (${messageOf(error)}), going on without`);
      return { release };
    }
  }
  return { release };
}
