/** @file A shard of probes: computes what has no result yet, with the stages of a local run. */

import { createCache } from "../cache.ts";
import { resolveDevice } from "../device.ts";
import { describeEnvironment } from "../environment.ts";
import { noRates } from "../estimate.ts";
import type { Executor, JobOptions } from "../executor.ts";
import { openGrid } from "../grid.ts";
import { batchTokens } from "../jobs/batch-tokens.ts";
import type { JobKind, JobResult, Work } from "../jobs/index.ts";
import type { TrialFailure, TrialResult } from "../jobs/probe.ts";
import { beginRun } from "../run/begin-run.ts";
import { checkEncoding } from "../run/check-encoding.ts";
import type { RunContext } from "../run/context.ts";
import { encodePairs } from "../run/encode-grid.ts";
import { type PendingPair, pendingPairs } from "../run/pending.ts";
import { probeGrid } from "../run/probe-grid.ts";
import { claimTrials, openStore, openTrials } from "../store/index.ts";
import { createBatchSizes } from "../supervisor/try-again.ts";
import { isDone } from "./result-files.ts";
import { experimentOf, type ShardOf } from "./shard.ts";
import { changedSince, resultSaver, type Save, type TaskContext } from "./task.ts";

/** Its store is in memory: only the head writes the one that counts. */
export async function probeShard(shard: ShardOf<"probe">, task: TaskContext): Promise<void> {
  const { folder, stop, log, workers } = task;
  const grid = await openGrid(await experimentOf(shard), shard.cache);
  const device = await resolveDevice(shard.device, (line) => log.line(line));
  const environment = describeEnvironment(device);
  const save = resultSaver(task, environment);
  using store = openStore(":memory:");
  const { context, close } = beginRun(grid, store, {
    ...task,
    ...{ device, cache: shard.cache, failFast: false, command: "probegrid worker" },
    createExecutor: () => saving(task.createExecutor(), save),
  });
  try {
    const wanted = new Set(shard.trials.filter((trial) => !isDone(folder, trial)));
    const known = [...openTrials(store, context.experiment)].map(({ id }) => id);
    // What others compute or have computed is not pending here.
    claimTrials(
      store,
      known.filter((id) => !wanted.has(id)),
    );
    for (const id of wanted) {
      if (known.includes(id)) continue;
      save([{ id, error: changedSince }]);
    }
    const pending = { grid, store, rates: noRates, workers };
    const pairs = pendingPairs(pending);
    const sized = {
      ...context,
      batchSizes: createBatchSizes(shard.batchTokens ?? batchTokens[device]),
    };
    const failures = await encodePatiently(sized, pairs);
    for (const error of failures.values()) {
      save([...wanted].map((id) => ({ id, error })));
    }
    const wait = async (encoding: string) => failures.get(encoding) ?? "made";
    if (!stop.signal.aborted) await probeGrid(sized, { pairs, pending, encodings: { wait } });
  } finally {
    await close(stop.signal.aborted ? "stopped" : "done");
  }
}

const mostTries = 3;

/** Another copy of this shard may finish the file under our hands: then there is nothing left to do, or to go on with. */
async function encodePatiently(context: RunContext, pairs: readonly PendingPair[]) {
  createCache(context.cache);
  for (const { pair } of pairs) await checkEncoding(context, pair.encoding);
  let failures = await encodePairs(context, pairs);
  for (let tries = 1; failures.size > 0 && tries < mostTries; tries++) {
    if (context.stop.signal.aborted) break;
    failures = await encodePairs(context, pairs);
  }
  return failures;
}

/** Results are files before anyone else hears of them. */
function saving(executor: Executor, save: Save): Executor {
  return {
    ...executor,
    run: async <K extends JobKind>(
      kind: K,
      work: Work<K>,
      options?: JobOptions<K>,
    ): Promise<JobResult<K>> => {
      const result = await executor.run(kind, work, options);
      if (kind === "probe") save(result as readonly (TrialResult | TrialFailure)[]);
      return result;
    },
  };
}
