/** @file What becomes of a task that ended: closed, tried again with less or more, split, moved, or given up. */

import { readFileSync, statSync } from "node:fs";
import { batchTokens } from "../jobs/batch-tokens.ts";
import type { Following } from "./follow-sweep.ts";
import { reportKey, type TaskReport, type TaskState } from "./poll.ts";
import { readShard, type Shard, writeShard } from "./shard.ts";
import type { QueuedTask } from "./submit.ts";
import { aliveFile, type Submission, type Sweep, type Task } from "./sweep.ts";
import { lastWords, taskLog, withLog } from "./task-log.ts";

type Settling = Pick<Following, "sweep" | "settings" | "open" | "fail"> & {
  /** What was seen of each task when it was last looked at. */
  readonly memory: Map<string, Seen>;
};

type Seen = { readonly state: TaskState; readonly times: number; readonly alive: number };

type Settled = {
  readonly queue: readonly QueuedTask[];
  readonly lines: readonly string[];
  /** What was given up, in the units of the stage. */
  readonly failed: number;
  /** A person cancelled a task: what it had is not tried again. */
  readonly cancelled: boolean;
};

/** How often a shard may end like this without getting on before its trials fail. */
const mostAttempts: Readonly<Record<TaskState, number>> = {
  live: Number.POSITIVE_INFINITY,
  over: 3,
  memory: 6, // each with half the batch and twice the memory
  time: 6, // each with twice the time, or half the trials
  node: 10, // no fault of the shard
  cancelled: 1,
  unknown: 5,
};
const usualMemory = 4096; // MB, where neither we nor the user said how much there was
/** An ending counts when it is seen twice: Slurm may put the task back in between, and shared folders show files late. */
const looks: Readonly<Record<TaskState, number>> = {
  live: Number.POSITIVE_INFINITY,
  over: 2,
  memory: 2,
  time: 2,
  node: 2,
  cancelled: 1,
  unknown: 3,
};

/** Decides about every open task and writes it down. */
export function settleTasks(settling: Settling, reports: ReadonlyMap<string, TaskReport>): Settled {
  const { sweep } = settling;
  const queue: QueuedTask[] = [];
  const lines: string[] = [];
  let failed = 0;
  let cancelled = false;
  for (const submission of sweep.submissions) {
    const tasks = submission.tasks.map((task, index): Task => {
      if (!task.open) return task;
      const shards = task.shards.map((id) => openPart(settling, id));
      const left = shards.flatMap(({ trials }) => trials);
      if (left.length === 0) return { ...task, open: false };
      const id = `${submission.job}_${index}`;
      const key = reportKey(submission.name, index);
      const report = reports.get(key) ?? { state: "unknown", said: "UNKNOWN", node: "" };
      warnIfHeld(settling, { id, report, lines });
      if (!isSettled(settling, { key, task, state: report.state })) return task;
      const state = report.state === "over" && ranOutOfTime(sweep, task) ? "time" : report.state;
      if (state === "cancelled") {
        cancelled = true;
        lines.push(`task ${id} was cancelled with ${left.length} trials to go`);
        return { ...task, open: false };
      }
      for (const shard of shards.filter(({ trials }) => trials.length > 0)) {
        const next = nextTasks(settling, { shard, submission, report, state });
        queue.push(...next);
        if (next.length > 0) continue;
        failed += giveUp(settling, { shard, id, report });
      }
      lines.push(`task ${id} ended as ${report.said} with ${left.length} trials to go`);
      return { ...task, open: false };
    });
    if (tasks.some(({ open: still }, i) => still !== submission.tasks[i]?.open)) {
      sweep.record({ ...submission, tasks });
    }
  }
  return { queue, lines, failed, cancelled };
}

type Part = Shard & { readonly planned: number };

/** A shard without the trials that have their result. */
function openPart({ sweep, open }: Settling, id: string): Part {
  const shard = readShard(sweep.folder, id);
  const trials = shard.trials.filter((trial) => open.has(trial));
  return { ...shard, trials, planned: shard.trials.length };
}

type Look = { readonly key: string; readonly task: Task; readonly state: TaskState };

/** True when an ending was seen often enough. A task that Slurm forgot but that still writes is alive. */
function isSettled({ sweep, memory }: Settling, { key, task, state }: Look): boolean {
  const alive = Math.max(...task.shards.map((shard) => touched(aliveFile(sweep.folder, shard))));
  const before = memory.get(key);
  const same = before?.state === state && !(state === "unknown" && before.alive !== alive);
  const times = same ? before.times + 1 : 1;
  memory.set(key, { state, times, alive });
  return times >= looks[state];
}

function touched(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/** The task itself may have said that it stopped because its time was nearly over. */
function ranOutOfTime({ folder }: Sweep, { shards }: Task): boolean {
  return shards.some((shard) => {
    try {
      return readFileSync(aliveFile(folder, shard), "utf8").startsWith("time");
    } catch {
      return false;
    }
  });
}

type Ended = {
  readonly shard: Part;
  readonly submission: Submission;
  readonly report: TaskReport;
  readonly state: TaskState;
};

/** The tasks that take over what a shard left; none when it was tried often enough. */
function nextTasks(
  { sweep, settings }: Settling,
  { shard: part, submission, report, state }: Ended,
): readonly QueuedTask[] {
  const { planned, ...shard } = part;
  const gotOn = shard.trials.length < planned;
  const attempts = gotOn ? 0 : shard.attempts + 1;
  if (attempts >= mostAttempts[state]) return [];
  const { memory, minutes, exclude } = submission;
  const needs = { memory, minutes, exclude };
  const queued = (one: Shard, change: Partial<QueuedTask> = {}): QueuedTask => ({
    ...needs,
    ...change,
    shards: [writeShard(sweep.folder, { ...one, attempts })],
  });
  if (state === "memory") {
    const batch = Math.ceil((shard.batchTokens ?? batchTokens.cpu) / 2);
    const more = 2 * (memory ?? settings.memory ?? usualMemory);
    return [queued({ ...shard, batchTokens: batch }, { memory: more })];
  }
  if (state === "time") {
    const half = Math.ceil(shard.trials.length / 2);
    if (half === shard.trials.length) return [queued(shard, { minutes: 2 * minutes })];
    return [shard.trials.slice(0, half), shard.trials.slice(half)].map((trials) =>
      queued({ ...shard, trials }, gotOn ? {} : { minutes: 2 * minutes }),
    );
  }
  if (state === "node" && report.node !== "") {
    return [queued(shard, { exclude: [...new Set([...exclude, report.node])] })];
  }
  return [queued(shard)];
}

type GivenUp = { readonly shard: Shard; readonly id: string; readonly report: TaskReport };

/** Trials fail with what Slurm said and the last words of the task. */
function giveUp({ sweep, open, fail }: Settling, { shard, id, report }: GivenUp): number {
  const log = taskLog(sweep.folder, id);
  const words = lastWords(log);
  const said = words === "" ? "" : `; its last words: ${words}`;
  const why = `slurm: task ${id} ended as ${report.said}, attempt ${shard.attempts + 1} that did not get on${said}`;
  const failed = fail(shard.trials, withLog(new Error(why), log));
  for (const trial of shard.trials) open.delete(trial);
  return failed;
}

type Held = { readonly id: string; readonly report: TaskReport; readonly lines: string[] };

/** Some tasks wait for ever: a person has to know, once. */
function warnIfHeld({ memory }: Settling, { id, report, lines }: Held): void {
  if (!/held|launch failed|NeverSatisfied|PartitionConfig|BadConstraints/i.test(report.said))
    return;
  if (memory.has(`${id} told`)) return;
  memory.set(`${id} told`, { state: report.state, times: 0, alive: 0 });
  lines.push(`task ${id} is ${report.said}: it waits until someone releases or cancels it`);
}
