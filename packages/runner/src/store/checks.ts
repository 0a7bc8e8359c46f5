/** @file What a record must satisfy before it is written. */

import type { TrialState } from "./schema.ts";
import { StoreError } from "./store-error.ts";

/** From each state, the states that may follow. */
const following: Readonly<Record<TrialState, readonly TrialState[]>> = {
  pending: ["running"],
  running: ["done", "failed", "pending"],
  failed: ["pending"],
  done: [],
};

/** The error of a transition that is not allowed, from the state the trial is in (undefined: no such trial). */
export function refusedTransition(
  id: string,
  from: TrialState | undefined,
  to: TrialState,
): StoreError {
  if (from === undefined) return new StoreError("missing", `trial ${id} is not in the store`);
  if (from === "done") {
    return new StoreError("transition", `trial ${id} is done and can not be changed`);
  }
  const allowed = following[from].join(" or ");
  const message = `trial ${id} is ${from} and can not become ${to}, expected ${allowed}`;
  return new StoreError("transition", message);
}

/** Throws the named error when a value is NaN or infinite; `what` says which value it is. */
export function requireFinite(value: number, what: () => string): void {
  if (Number.isFinite(value)) return;
  throw new StoreError("not-finite", `${what()}: expected a finite number, got ${value}`);
}

/** The same for every value of an array. */
export function requireAllFinite(values: ArrayLike<number>, what: () => string): void {
  for (let i = 0; i < values.length; i++) {
    requireFinite(values[i] ?? Number.NaN, () => `${what()}[${i}]`);
  }
}
