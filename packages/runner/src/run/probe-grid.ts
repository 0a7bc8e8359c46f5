/** @file The probe stage: every feature matrix with the classifiers that are still to be fitted on it. */

import { isFatal } from "../explain-error.ts";
import { formatDuration, plural } from "../format.ts";
import type { Cell, Pair, Trial } from "../grid.ts";
import type { TrialFailure, TrialResult } from "../jobs/probe.ts";
import { claimTrials, failTrial, finishTrials } from "../store/index.ts";
import { tellTrial } from "../supervisor/crash.ts";
import { probeAgain } from "../supervisor/try-again.ts";
import type { RunContext } from "./context.ts";
import { type PendingOptions, type PendingPair, pendingCells } from "./pending.ts";
import { createProbeWork } from "./probe-work.ts";
import type { Encodings } from "./readiness.ts";
import { runLimited } from "./run-limited.ts";
import { createStage, type Stage } from "./stage.ts";

/** Trials of one feature matrix that are computed together, and the seconds they may take. */
type Batch = { readonly cell: Cell; readonly trials: readonly Trial[]; readonly seconds: number };

type Options = {
  readonly pairs: readonly PendingPair[];
  readonly pending: PendingOptions;
  /** Which encodings are there; trials of one that could not be made fail with its error. */
  readonly encodings: Pick<Encodings, "wait">;
  /** Only these, one at a time, each told to the supervisor. */
  readonly alone?: ReadonlySet<string>;
};

/** Runs every pending trial of these pairs; returns how many failed. */
export async function probeGrid(context: RunContext, options: Options): Promise<number> {
  const { executor, log, stop, store } = context;
  const { alone } = options;
  const trials = alone?.size ?? options.pairs.reduce((sum, pair) => sum + pair.trials, 0);
  const work = options.pairs.reduce((sum, pair) => sum + pair.seconds, 0);
  if (trials === 0) return 0;
  const begun = performance.now();
  const stage = createStage({ name: "probe", unit: "trials", total: trials, work }, context);
  const workOf = createProbeWork(context);
  const probe = async ({ cell, trials, seconds }: Batch): Promise<void> => {
    const ids = trials.map(({ id }) => id);
    claimTrials(store, ids);
    if (alone) tellTrial(ids[0] ?? null, true);
    const results = await probeAgain(
      async (some) =>
        await executor.run("probe", workOf(cell, some), {
          size: (seconds * some.length) / trials.length,
        }),
      trials,
    );
    const failed = recordResults(context, results);
    if (alone) tellTrial(null);
    if (failed > 0 && context.failFast) stop.abort();
    stage.advance({ done: trials.length, failed, work: seconds });
  };
  await runLimited(batchesOf(context, options, { work, stage }), probe, {
    inFlight: alone ? 1 : executor.room("probe") + 1, // one more than can run, so that no worker waits for this thread
    stop: stop.signal,
  });
  if (stage.done === 0) return 0; // stopped before the first one
  const took = formatDuration((performance.now() - begun) / 1000);
  const failures = stage.failed > 0 ? `, ${stage.failed} failed` : "";
  log.finish("probe", `${plural(stage.done, "trial")} in ${took}${failures}`);
  return stage.failed;
}

type Results = readonly (TrialResult | TrialFailure)[];

type FailedPair = {
  readonly pair: Pair;
  readonly error: Error;
  readonly pending: PendingOptions;
  readonly stage: Stage;
};

/** Without features nothing can be probed: every trial of the pair fails with the error of its encoding. */
function failPair(context: RunContext, { pair, error, pending, stage }: FailedPair): void {
  for (const { trials, seconds } of pendingCells(pending, pair)) {
    const ids = trials.map(({ id }) => id);
    claimTrials(context.store, ids);
    const failed = recordResults(
      context,
      ids.map((id) => ({ id, error })),
    );
    stage.advance({ done: failed, failed, work: seconds.reduce((sum, one) => sum + one, 0) });
  }
}

const longestBatch = 5; // estimated seconds of one worker: what a kill can lose
const shortestBatch = 0.02;

/**
 * Batches of each encoding as soon as it is there. A matrix with many slow classifiers is several of them, so that all
 * workers have something to do.
 */
async function* batchesOf(
  context: RunContext,
  { pairs, pending, encodings, alone }: Options,
  { work, stage }: { readonly work: number; readonly stage: Stage },
): AsyncGenerator<Batch> {
  const share = work / (context.executor.room("probe") * 8);
  const longest = Math.min(longestBatch, Math.max(shortestBatch, share));
  for (const { pair } of pairs) {
    const became = await encodings.wait(pair.encoding);
    if (became === "stopped") continue;
    if (became !== "made") {
      failPair(context, { pair, error: became, pending, stage });
      continue;
    }
    for (const { cell, trials, seconds } of pendingCells(pending, pair)) {
      if (alone) {
        for (const [i, trial] of trials.entries()) {
          if (alone.has(trial.id)) yield { cell, trials: [trial], seconds: seconds[i] ?? 0 };
        }
        continue;
      }
      let start = 0;
      let sum = 0;
      for (const [i, cost] of seconds.entries()) {
        sum += cost;
        if (sum < longest && i < seconds.length - 1) continue;
        yield { cell, trials: trials.slice(start, i + 1), seconds: sum };
        start = i + 1;
        sum = 0;
      }
    }
  }
}

/** Writes what came back and returns how many trials failed; a score that the store refuses fails its trial. */
export function recordResults(
  { store, environment }: Pick<RunContext, "store" | "environment">,
  results: Results,
): number {
  let failed = 0;
  const fail = (id: string, error: unknown): void => {
    if (isFatal(error)) throw error;
    failTrial(store, id, error);
    failed++;
  };
  const finished = results.flatMap((result) =>
    "error" in result ? [] : { ...result, environment },
  );
  try {
    finishTrials(store, finished); // one transaction where nothing is wrong
  } catch {
    for (const trial of finished) {
      try {
        finishTrials(store, [trial]);
      } catch (error) {
        fail(trial.id, error);
      }
    }
  }
  for (const result of results) if ("error" in result) fail(result.id, result.error);
  return failed;
}
