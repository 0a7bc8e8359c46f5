/** @file Probes on a cluster: the same trials, the same store. */

import { resolve } from "node:path";
import { openEncoding } from "../cache.ts";
import type { DeviceChoice } from "../device-choices.ts";
import { estimateEncoding } from "../estimate.ts";
import { formatDuration, plural } from "../format.ts";
import type { Pair } from "../grid.ts";
import { missingFeatures } from "../plan.ts";
import type { RunContext } from "../run/context.ts";
import { type PendingOptions, type PendingPair, pendingCells } from "../run/pending.ts";
import { recordResults } from "../run/probe-grid.ts";
import { createStage } from "../run/stage.ts";
import type { Compute } from "../run.ts";
import { claimTrials, recordEncoding, recordEnvironment } from "../store/index.ts";
import { followSweep, type Open } from "./follow-sweep.ts";
import type { ShardResult } from "./result-files.ts";
import type { SlurmSettings } from "./settings.ts";
import { makeShard, type Shard } from "./shard.ts";
import { openSweep } from "./sweep.ts";
import { failureOf } from "./task-log.ts";

/** What runs on a cluster are told beside the experiment. */
export type ClusterOptions = { readonly settings: SlurmSettings; readonly device: DeviceChoice };

/** Computes pending trials of a grid in tasks. */
export function computeOnCluster({ settings, device }: ClusterOptions): Compute {
  return async (context, { pairs, pending }) => {
    if (pairs.length === 0) return 0;
    const { grid, store, log } = context;
    const begun = performance.now();
    const experiment = grid.experiment.name;
    const sweep = openSweep({ folder: settings.folder, store: store.file, experiment });
    const open = openTrialsOf(pairs, pending);
    const pairOf = new Map([...open].map(([id, { pair }]) => [id, pair]));
    const work = [...open.values()].reduce((sum, { seconds }) => sum + seconds, 0);
    const stage = createStage({ name: "probe", unit: "trials", total: open.size, work }, context);
    const encodings = new Set<string>();
    await followSweep({
      ...context,
      ...{ sweep, settings, open, stage },
      shards: (taken) => shardsOf(context, { pairs, pending, device, taken, open }),
      record: (id, found) =>
        recordFound(context, {
          ...{ pair: pairOf.get(id)!, id, found, encodings, folder: sweep.folder },
        }),
      fail: (ids, error) => {
        claimTrials(store, ids);
        return recordResults(
          context,
          ids.map((id) => ({ id, error })),
        );
      },
    });
    const took = formatDuration((performance.now() - begun) / 1000);
    const failures = stage.failed > 0 ? `, ${stage.failed} failed` : "";
    log.finish("probe", `${plural(stage.done, "trial")} in ${took}${failures}`);
    return stage.failed;
  };
}

type Finding = {
  readonly pairs: readonly PendingPair[];
  readonly pending: PendingOptions;
  readonly device: DeviceChoice;
  /** Trials that tasks in the queue have already. */
  readonly taken: ReadonlySet<string>;
  readonly open: ReadonlyMap<string, Open>;
};

/** One shard for each pair that has trials nobody has yet. */
export function shardsOf(
  { grid, cache }: Pick<RunContext, "grid" | "cache">,
  { pairs, pending, device, taken, open }: Finding,
): readonly Shard[] {
  const making = { grid, cache: resolve(cache), device, from: process.cwd() };
  return pairs.flatMap(({ pair }) => {
    const missing = missingFeatures(pair, cache);
    const { rates } = pending;
    let seconds = missing.size > 0 ? estimateEncoding(grid, pair, { missing, rates }).seconds : 0;
    const trials: string[] = [];
    for (const { trials: some } of pendingCells(pending, pair)) {
      for (const { id } of some) {
        if (taken.has(id) || !open.has(id)) continue;
        trials.push(id);
        seconds += open.get(id)?.seconds ?? 0;
      }
    }
    return trials.length === 0 ? [] : [makeShard(making, pair, { trials, seconds })];
  });
}

/** Every pending trial, with what it is estimated to take. */
export function openTrialsOf(
  pairs: readonly PendingPair[],
  pending: PendingOptions,
): Map<string, Open & { readonly pair: Pair }> {
  const open = new Map<string, Open & { readonly pair: Pair }>();
  for (const { pair } of pairs) {
    for (const { trials, seconds } of pendingCells(pending, pair)) {
      for (const [i, { id }] of trials.entries()) open.set(id, { pair, seconds: seconds[i] ?? 0 });
    }
  }
  return open;
}

type FoundProbe = {
  /** Of the sweep. */
  readonly folder: string;
  readonly pair: Pair;
  readonly id: string;
  readonly found: ShardResult;
  /** Those that are in the store already. */
  readonly encodings: Set<string>;
};

/** A probe's result and, with the first of a pair, the encoding; 1 where the trial failed. */
function recordFound(
  context: RunContext,
  { folder, pair, id, found, encodings }: FoundProbe,
): number {
  const environment = recordEnvironment(context.store, found.environment);
  claimTrials(context.store, [id]);
  const result =
    "result" in found
      ? { ...found.result, id }
      : { id, error: failureOf(folder, found, "a task found no scores") };
  const failed = recordResults({ store: context.store, environment }, [result]);
  if (!encodings.has(pair.encoding)) {
    encodings.add(pair.encoding);
    recordMade(context, pair, environment);
  }
  return failed;
}

function recordMade({ store, cache }: RunContext, pair: Pair, environment: string): void {
  const { texts, tokens, truncated, seconds, bytes, files } = openEncoding(cache, pair.encoding);
  if (files.length === 0) return; // another cache than ours
  recordEncoding(store, {
    ...{ id: pair.encoding, dataset: pair.dataset.id, model: pair.model.checkpoint.id },
    ...{ texts, tokens, truncated, bytes, seconds, environment },
  });
}
