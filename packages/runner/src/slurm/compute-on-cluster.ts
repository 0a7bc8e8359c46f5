/** @file The head: plans shards, submits them, watches, records results. It may die at any time; the next one goes on. */

import { resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { DeviceChoice } from "../device-choices.ts";
import { estimateEncoding } from "../estimate.ts";
import { formatDuration, plural } from "../format.ts";
import { missingFeatures } from "../plan.ts";
import type { RunContext } from "../run/context.ts";
import { type PendingOptions, type PendingPair, pendingCells } from "../run/pending.ts";
import { createStage } from "../run/stage.ts";
import type { Compute } from "../run.ts";
import { adoptLostJobs } from "./adopt.ts";
import { ingestResults, type OpenTrial } from "./ingest.ts";
import { planTasks, type SizedShard } from "./plan-tasks.ts";
import { pollTasks } from "./poll.ts";
import type { SlurmSettings } from "./settings.ts";
import { settleTasks } from "./settle.ts";
import { makeShard, readShard, type Shard, writeShard } from "./shard.ts";
import { type QueuedTask, submitTasks } from "./submit.ts";
import { openSweep, type Sweep } from "./sweep.ts";

type Options = { readonly settings: SlurmSettings; readonly device: DeviceChoice };

/** Computes on a cluster: the same trials, the same store. */
export function computeOnCluster({ settings, device }: Options): Compute {
  return async (context, { pairs, pending }) => {
    if (pairs.length === 0) return 0;
    const { grid, store, log, stop } = context;
    const begun = performance.now();
    const experiment = grid.experiment.name;
    const sweep = openSweep({ folder: settings.folder, store: store.file, experiment });
    const open = openTrialsOf(pairs, pending);
    const work = [...open.values()].reduce((sum, { seconds }) => sum + seconds, 0);
    const stage = createStage({ name: "probe", unit: "trials", total: open.size, work }, context);
    const encodings = new Set<string>();
    const ingest = (): number => {
      const found = ingestResults(context, { folder: sweep.folder, open, encodings });
      if (found.done > 0) stage.advance(found);
      if (found.failed > 0 && context.failFast) stop.abort();
      return found.done;
    };
    ingest();
    await adoptLostJobs(sweep, log);
    const submitting = { sweep, settings, log };
    const fresh = shardsOf(context, { pairs, pending, device, taken: takenTrials(sweep), open });
    const sized = fresh.map(
      (shard): SizedShard => ({
        id: writeShard(sweep.folder, shard),
        seconds: shard.seconds,
      }),
    );
    let queue = await submitTasks(submitting, planTasks(sized, settings));
    if (open.size > 0) log.line(`slurm: ${attachLine(sweep)}`);
    const settling = { context, sweep, settings, open, memory: new Map() };
    let cancelled = false;
    for (let wait = settings.poll; open.size > 0 && !stop.signal.aborted && !cancelled; ) {
      await pause(wait, stop.signal);
      const reports = await pollTasks(sweep.submissions.filter(hasOpenTask));
      const done = ingest(); // after the poll: what ended by then has its files here by now
      if (stop.signal.aborted) break;
      const settled = reports === null ? none : settleTasks(settling, reports);
      for (const line of settled.lines) log.line(`slurm: ${line}`);
      if (settled.failed > 0) {
        stage.advance({ done: settled.failed, failed: settled.failed, work: 0 });
      }
      queue = await submitTasks(submitting, [...queue, ...settled.queue]);
      const waiting = queue.length > 0 || sweep.submissions.some(hasOpenTask);
      cancelled = settled.cancelled || (!waiting && open.size > 0);
      wait = done > 0 ? settings.poll : Math.min(wait + settings.poll / 4, settings.pollMost);
    }
    if (cancelled)
      log.line("slurm: some tasks were cancelled, so this run stops; run again to go on");
    if (open.size > 0) {
      stop.abort();
      if (!cancelled)
        log.line("slurm: jobs go on without this process; run again to collect their results");
    }
    const took = formatDuration((performance.now() - begun) / 1000);
    const failures = stage.failed > 0 ? `, ${stage.failed} failed` : "";
    log.finish("probe", `${plural(stage.done, "trial")} in ${took}${failures}`);
    return stage.failed;
  };
}

const none = { queue: [] as readonly QueuedTask[], lines: [], failed: 0, cancelled: false };

type Finding = {
  readonly pairs: readonly PendingPair[];
  readonly pending: PendingOptions;
  readonly device: DeviceChoice;
  /** Trials that tasks in the queue have already. */
  readonly taken: ReadonlySet<string>;
  readonly open: ReadonlyMap<string, OpenTrial>;
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
): Map<string, OpenTrial> {
  const open = new Map<string, OpenTrial>();
  for (const { pair } of pairs) {
    for (const { trials, seconds } of pendingCells(pending, pair)) {
      for (const [i, { id }] of trials.entries()) open.set(id, { pair, seconds: seconds[i] ?? 0 });
    }
  }
  return open;
}

function takenTrials(sweep: Sweep): ReadonlySet<string> {
  const tasks = sweep.submissions.flatMap(({ tasks }) => tasks.filter(({ open }) => open));
  const shards = tasks.flatMap(({ shards }) => shards);
  return new Set(shards.flatMap((shard) => readShard(sweep.folder, shard).trials));
}

function hasOpenTask({ tasks }: Sweep["submissions"][number]): boolean {
  return tasks.some(({ open }) => open);
}

function attachLine({ id, folder }: Sweep): string {
  return `jobs are called probegrid-${id}-*, their logs are in ${folder}/logs; Ctrl-C leaves them running`;
}

async function pause(seconds: number, stop: AbortSignal): Promise<void> {
  await sleep(seconds * 1000, undefined, { signal: stop }).catch(() => undefined);
}
