/** @file What a runner knows of the crash it was started again after, and what it tells its supervisor. */

import { z } from "zod";

/** How the runner before this one ended, and the trial that it worked on alone. */
export type Crash = {
  readonly signal: string;
  readonly trial: string | null;
  /** That was its second try, after a crash. */
  readonly again: boolean;
};

const crashSchema = z.object({
  signal: z.string(),
  trial: z.string().nullable(),
  again: z.boolean(),
});

/** The crash that this process follows; null where it follows none. */
export function lastCrash(text = process.env.PROBEGRID_CRASH): Crash | null {
  return text === undefined ? null : crashSchema.parse(JSON.parse(text));
}

/** Tells the supervisor which trial is computed alone from now on; null: none. */
export function tellTrial(trial: string | null, again = false): void {
  if (isSupervised()) process.send?.({ trial, again });
}

/** True where a supervisor started this process and still lives. */
export function isSupervised(): boolean {
  return process.env.PROBEGRID_SUPERVISED !== undefined && process.connected === true;
}
