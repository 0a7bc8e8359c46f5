/** @file What the Live page shows, put together from the store: plain data, drawn again every second. */

import { type ExperimentOverview, readExperiments } from "@probegrid/runner/store";
import {
  type FailureGroup,
  fetchFailures,
  fetchThroughput,
  fetchTotals,
  type Throughput,
} from "./queries/live.ts";
import type { Store } from "./store.ts";

/** An experiment at work, or the one that was last. */
export type LiveRun = Pick<
  ExperimentOverview,
  "name" | "kind" | "question" | "state" | "counts" | "lastRun" | "secondsLeft" | "seconds"
>;

export type Live = {
  readonly now: number;
  readonly totals: Readonly<Record<string, number>>;
  readonly runs: readonly LiveRun[];
  readonly throughput: Throughput;
  readonly failures: readonly FailureGroup[];
};

/** The state of the store at a moment. */
export function readLive(store: Store, now: number): Live {
  const experiments = readExperiments(store.opened, now).map(
    ({ name, kind, question, state, counts, lastRun, secondsLeft, seconds }): LiveRun => ({
      ...{ name, kind, question, state, counts, lastRun, secondsLeft, seconds },
    }),
  );
  const alive = experiments.filter(({ state }) => state === "running");
  const last = experiments
    .filter(({ lastRun }) => lastRun !== null)
    .toSorted((a, b) => (b.lastRun?.startedAt ?? 0) - (a.lastRun?.startedAt ?? 0))
    .slice(0, 1);
  const runs = alive.length > 0 ? alive : last;
  const started = Math.min(now, ...runs.map(({ lastRun }) => lastRun?.startedAt ?? now));
  const ended = alive.length > 0 ? now : (last[0]?.lastRun?.seenAt ?? now);
  return {
    now,
    totals: fetchTotals(store),
    runs,
    throughput: fetchThroughput(store, started, ended),
    failures: fetchFailures(store),
  };
}
