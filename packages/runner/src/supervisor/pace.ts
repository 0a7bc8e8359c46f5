/** @file How long jobs take here for their size, so that one that lives but gets nowhere can be told. */

import type { JobKind } from "../jobs/index.ts";

/** Times the slowest measured pace: no honest job is so much slower than all before it. */
const patience = 20;
/** Times `least` for the first probes, of which nothing is known but that they were estimated at a few seconds. */
const firstPatience = 10;

export interface Pace {
  /** A job of a size, in whatever its kind is measured in, took so many seconds. */
  readonly measure: (kind: JobKind, size: number, seconds: number) => void;
  /** After how long a job of that size gets nowhere; infinite before the first of its kind was measured, but for probes. */
  readonly limit: (kind: JobKind, size: number) => Limit;
}

export type Limit = {
  readonly seconds: number;
  /** Whether it comes from jobs of its kind. */
  readonly measured: boolean;
};

/** `least` seconds are granted to every job. */
export function createPace(least: number): Pace {
  const slowest = new Map<JobKind, number>();
  return {
    measure: (kind, size, seconds) => {
      if (size > 0) slowest.set(kind, Math.max(slowest.get(kind) ?? 0, seconds / size));
    },
    limit: (kind, size) => {
      const pace = slowest.get(kind);
      const measured = pace !== undefined && size > 0;
      if (measured) return { measured, seconds: Math.max(least, patience * pace * size) };
      const seconds = kind === "probe" ? firstPatience * least : Number.POSITIVE_INFINITY;
      return { measured, seconds };
    },
  };
}
