/** @file Runs an experiment: plan, encode, probe, and a table of what came out. */

import type { Device } from "@probegrid/probes";
import { measuredRates } from "./estimate.ts";
import type { Executor } from "./executor.ts";
import type { Experiment } from "./experiment/complete.ts";
import { openGrid } from "./grid.ts";
import type { Log } from "./log.ts";
import { planGrid, refuseOverfull } from "./plan.ts";
import { beginRun } from "./run/begin-run.ts";
import { changeLines } from "./run/changes.ts";
import type { RunContext } from "./run/context.ts";
import { encodeGrid } from "./run/encode-grid.ts";
import { openRunnerStore } from "./run/open-runner-store.ts";
import { type PendingOptions, type PendingPair, pendingPairs } from "./run/pending.ts";
import { probeGrid } from "./run/probe-grid.ts";
import { createEncodings } from "./run/readiness.ts";
import { planLines, resultLines } from "./run/report.ts";
import { failGuilty, findSuspects } from "./run/suspects.ts";
import { scoreWordBaselines } from "./run/word-baselines.ts";
import { doneTrials, type RunOutcome } from "./store/index.ts";

/** Computes pending trials and returns how many failed. */
export type Compute = (
  context: RunContext,
  open: {
    readonly pairs: readonly PendingPair[];
    readonly pending: PendingOptions;
    /** Trials to be tried alone, before the others. */
    readonly suspects: ReadonlySet<string>;
  },
) => Promise<number>;

export type RunOptions = {
  readonly store: string;
  readonly cache: string;
  readonly device: Device;
  /** Begun when there is something to compute, and closed at the end. */
  readonly createExecutor: () => Executor;
  readonly workers: number;
  /** Where that happens; on this machine when not given. */
  readonly compute?: Compute;
  readonly log: Log;
  /** Aborting it lets what is in flight finish and begins nothing new. */
  readonly stop: AbortController;
  readonly failFast: boolean;
  /** Wait for another run on the same store instead of leaving it alone. */
  readonly join?: boolean | undefined;
  /** The command line, for the record. */
  readonly command: string;
};

/** Computes what is missing of an experiment, and says how it ended. */
export async function runExperiment(
  experiment: Experiment,
  options: RunOptions,
): Promise<RunOutcome> {
  const { log, cache, workers } = options;
  const grid = await openGrid(experiment, cache);
  using store = await openRunnerStore(options.store, options);
  const rates = measuredRates(store);
  const done = doneTrials(store);
  const plan = planGrid(grid, { cache, done, rates, workers });
  refuseOverfull(plan, options);
  for (const line of planLines(grid, plan)) log.line(line);
  for (const line of changeLines(store, experiment)) log.line(line);

  const suspects = findSuspects(store);
  const { context, close } = beginRun(grid, store, options);
  let outcome: RunOutcome = "stopped";
  try {
    const pending = { grid, store, rates, workers, done };
    let failed = failGuilty(store, suspects);
    const pairs = pendingPairs(pending);
    await scoreWordBaselines(context);
    const open = { pairs, pending, suspects: suspects.alone };
    failed += await (options.compute ?? computeHere)(context, open);
    if (failed > 0) outcome = "failed";
    else if (!options.stop.signal.aborted) outcome = "done";
  } finally {
    await close(outcome);
  }
  for (const line of resultLines(store, experiment, outcome)) log.line(line);
  return outcome;
}

const computeHere: Compute = async (context, { pairs, pending, suspects }) => {
  const encodings = createEncodings();
  const encoding = encodeGrid(context, pairs, encodings);
  if (!context.executor.encodesApart) await encoding; // the same workers do both: one after the other
  const probing = async (): Promise<number> => {
    if (suspects.size === 0) return await probeGrid(context, { pairs, pending, encodings });
    const failed = await probeGrid(context, { pairs, pending, encodings, alone: suspects });
    const rest = pendingPairs(pending);
    return failed + (await probeGrid(context, { pairs: rest, pending, encodings }));
  };
  const [failed] = await Promise.all([probing(), encoding]);
  return failed;
};
