/** @file The trial that rows are added to while it runs: its key, or an error that says what it is instead. */

import { eq } from "drizzle-orm";
import type { Store } from "./open.ts";
import { trials } from "./schema.ts";
import { StoreError } from "./store-error.ts";

/** Key of a running trial; `what` names the rows that only such a one may gain. */
export function runningTrial(store: Store, id: string, what: string): number {
  const trial = store.drizzle
    .select({ key: trials.key, state: trials.state })
    .from(trials)
    .where(eq(trials.id, id))
    .get();
  if (trial?.state === "running") return trial.key;
  const state = trial === undefined ? "not in the store" : trial.state;
  throw new StoreError("transition", `trial ${id} is ${state}, only a running one has new ${what}`);
}
