/** @file The head's loop: submits shards, watches their tasks, takes results in. It may die at any time; the next one goes on. */

import { setTimeout as sleep } from "node:timers/promises";
import type { Log } from "../log.ts";
import type { Advance } from "../run/stage.ts";
import { adoptLostJobs } from "./adopt.ts";
import { planTasks, type SizedShard } from "./plan-tasks.ts";
import { pollTasks } from "./poll.ts";
import { listResults, readResult, removeResult, type ShardResult } from "./result-files.ts";
import type { SlurmSettings } from "./settings.ts";
import { settleTasks } from "./settle.ts";
import { readShard, type Shard, writeShard } from "./shard.ts";
import { type QueuedTask, submitTasks } from "./submit.ts";
import type { Sweep } from "./sweep.ts";

/** A trial, or a piece of one, that has no result in the store yet. */
export type Open = {
  /** Estimated. */
  readonly seconds: number;
  /** How many of the stage's units it is; one when not given. */
  readonly units?: number;
};

/** What the head follows, and what becomes of what is found. */
export type Following = {
  readonly sweep: Sweep;
  readonly settings: SlurmSettings;
  readonly log: Log;
  readonly stop: AbortController;
  readonly failFast: boolean;
  /** By id; what is recorded or given up is taken out. */
  readonly open: Map<string, Open>;
  /** Shards of what is open and not among those that tasks have already. */
  readonly shards: (taken: ReadonlySet<string>) => readonly Shard[];
  /** Takes a result in; returns how many units that failed. */
  readonly record: (id: string, found: ShardResult) => number;
  /** Gives up what no task could compute; returns how many units that failed. */
  readonly fail: (ids: readonly string[], error: Error) => number;
  /** Called at each look at the queue, for what tasks tell before they end. */
  readonly watch?: () => void;
  readonly stage: { readonly advance: (amount: Advance) => void };
};

/** Works until nothing is open, until it is stopped, or until a person cancelled what was left. */
export async function followSweep(following: Following): Promise<void> {
  const { sweep, settings, log, stop, open, stage } = following;
  ingest(following);
  await adoptLostJobs(sweep, log);
  const submitting = { sweep, settings, log };
  const sized = following.shards(takenTrials(sweep)).map(
    (shard): SizedShard => ({
      id: writeShard(sweep.folder, shard),
      seconds: shard.seconds,
    }),
  );
  let queue = await submitTasks(submitting, planTasks(sized, settings));
  if (open.size > 0) log.line(`slurm: ${attachLine(sweep)}`);
  const settling = { ...following, memory: new Map() };
  let cancelled = false;
  let answered = true;
  for (let wait = settings.poll; open.size > 0 && !stop.signal.aborted && !cancelled; ) {
    await pause(wait, stop.signal);
    const reports = await pollTasks(sweep.submissions.filter(hasOpenTask));
    if (reports === null && answered) {
      log.line("slurm: squeue does not answer; what tasks finish is taken in meanwhile");
    }
    answered = reports !== null;
    following.watch?.();
    const done = ingest(following); // after the poll: what ended by then has its files here by now
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
  if (open.size === 0) return;
  stop.abort();
  if (!cancelled) {
    log.line("slurm: jobs go on without this process; run again to collect their results");
  }
}

const none = { queue: [] as readonly QueuedTask[], lines: [], failed: 0, cancelled: false };

/** Records what is open and has a complete file, and returns how many. The first one stands: later ones are not open any more. */
function ingest({ sweep, open, record, stage, failFast, stop }: Following): number {
  const { folder } = sweep;
  let found = 0;
  let [done, failed, work] = [0, 0, 0];
  for (const id of listResults(folder)) {
    const waiting = open.get(id);
    const result = waiting ? readResult(folder, id) : null;
    if (!waiting || result === null) continue;
    open.delete(id);
    failed += record(id, result);
    if ("error" in result) removeResult(folder, id); // another run may try it again
    found++;
    done += waiting.units ?? 1;
    work += waiting.seconds;
  }
  if (found > 0) stage.advance({ done, failed, work });
  if (failed > 0 && failFast) stop.abort();
  return found;
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
