/** @file Trials that were running when the runner crashed: each is tried once more, alone; then it is given up. */

import { claimTrials, failTrial, runningTrials, type Store, stateLookup } from "../store/index.ts";
import { type Crash, lastCrash } from "../supervisor/crash.ts";

export type Suspects = {
  /** To be tried alone. */
  readonly alone: ReadonlySet<string>;
  /** It crashed the runner when it was tried alone. */
  readonly guilty: string | null;
  readonly signal: string;
};

const none: Suspects = { alone: new Set(), guilty: null, signal: "" };

/** Reads them off the store, before it forgets what was running. */
export function findSuspects(store: Store, crash: Crash | null = lastCrash()): Suspects {
  if (crash === null) return none;
  const guilty = crash.again ? crash.trial : null;
  const alone = new Set(runningTrials(store).filter((id) => id !== guilty));
  return { alone, guilty, signal: crash.signal };
}

/** Marks the guilty one as failed, where there is one; returns how many that are. */
export function failGuilty(store: Store, { guilty, signal }: Suspects): number {
  if (guilty === null || stateLookup(store)(guilty) !== "pending") return 0;
  claimTrials(store, [guilty]);
  const why = `the runner was ended by ${signal} at this trial (tried again alone, with the same end)`;
  failTrial(store, guilty, new Error(why));
  return 1;
}
