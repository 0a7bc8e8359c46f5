/** @file Asks Slurm how tasks are: squeue for what it remembers, sacct for what it forgot; unknown is an answer too. */

import { callSlurm } from "./commands.ts";
import type { Submission } from "./sweep.ts";

/** What is to be done about a task, by what Slurm says of it. */
export type TaskState =
  | "live" // waiting, running, or about to be put back
  | "over" // ended by itself: its results say how
  | "memory" // smaller batches, more memory
  | "time" // two halves
  | "node" // elsewhere
  | "cancelled" // by a person, who meant it
  | "unknown"; // forgotten, which is no failure

export type TaskReport = {
  readonly state: TaskState;
  /** In Slurm's words. */
  readonly said: string;
  readonly node: string;
};

const states: Readonly<Record<string, TaskState>> = {
  COMPLETED: "over",
  FAILED: "over",
  SPECIAL_EXIT: "over",
  OUT_OF_MEMORY: "memory",
  TIMEOUT: "time",
  DEADLINE: "time",
  NODE_FAIL: "node",
  BOOT_FAIL: "node",
  CANCELLED: "cancelled",
  REVOKED: "cancelled",
  // All others wait or run; what was preempted is put back by Slurm, or is forgotten and then unknown.
};

/** Key of a report. Names are unique for ever; ids begin anew when a controller loses its state. */
export function reportKey(name: string, task: number | string): string {
  return `${name}_${task}`;
}

/** Reports by `reportKey`, or null when Slurm can not be asked for now: then the files alone say what is done. */
export async function pollTasks(
  submissions: readonly Submission[],
): Promise<ReadonlyMap<string, TaskReport> | null> {
  const asked = submissions.filter(({ job }) => job !== null);
  if (asked.length === 0) return new Map();
  const names = asked.map(({ name }) => name).join(",");
  const queue = await callSlurm("squeue", [
    ...["--noheader", "--array", "--states=all", `--name=${names}`],
    "--format=%j|%K|%T|%N|%r",
  ]).catch(() => null); // a squeue that was there and is gone: a file system that is away for a while
  if (queue?.code !== 0) return null;
  const reports = new Map<string, TaskReport>();
  for (const line of queue.out.split("\n")) {
    const [name = "", tasks = "", state = "", node = "", reason = ""] = line.trim().split("|");
    if (state === "") continue;
    for (const task of expand(tasks)) {
      const key = reportKey(name, task);
      // Of two jobs of one name, where the answer to a submission was lost, the one that still works counts.
      if (reports.get(key)?.state !== "live") reports.set(key, report(state, node, reason));
    }
  }
  const forgotten = asked.filter(({ name, tasks }) =>
    tasks.some(({ open }, i) => open && !reports.has(reportKey(name, i))),
  );
  for (const [task, one] of await askAccounting(forgotten)) {
    if (!reports.has(task)) reports.set(task, one);
  }
  return reports;
}

/** Id of a job by its name; null when neither the queue nor the accounts know it. Throws when Slurm can not be asked. */
export async function findJob(name: string): Promise<string | null> {
  const queue = await callSlurm("squeue", [
    ...["--noheader", "--states=all", `--name=${name}`, "--format=%F"],
  ]);
  if (queue.code !== 0) throw new Error(`squeue: ${queue.complaint}`);
  const listed = /^\s*(\d+)/m.exec(queue.out)?.[1];
  if (listed !== undefined) return listed;
  const accounts = await callAccounts([`--name=${name}`, "--format=JobID"]);
  return /^(\d+)/m.exec(accounts)?.[1] ?? null;
}

/** Many clusters keep no accounts, some have no sacct: then it is as if nothing were in them. */
async function callAccounts(args: readonly string[]): Promise<string> {
  const usual = ["--noheader", "--parsable2", "--allocations", "--starttime=now-30days"];
  const answer = await callSlurm("sacct", [...usual, ...args]).catch(() => null);
  return answer?.code === 0 ? answer.out : "";
}

/**
 * What the accounts know of submissions. A task that they take for waiting or running, and that the queue does not
 * know, is unknown: a controller that lost its state leaves such, and they stay so for ever.
 */
async function askAccounting(
  submissions: readonly Submission[],
): Promise<ReadonlyMap<string, TaskReport>> {
  const reports = new Map<string, TaskReport>();
  if (submissions.length === 0) return reports;
  const out = await callAccounts([
    `--jobs=${submissions.map(({ job }) => job).join(",")}`,
    "--format=JobID,State,NodeList,JobName",
  ]);
  const names = new Set(submissions.map(({ name }) => name));
  for (const line of out.split("\n")) {
    const [id = "", state = "", node = "", name = ""] = line.split("|");
    const [, tasks] = id.split("_");
    if (tasks === undefined || state === "" || !names.has(name)) continue; // of another job with this id
    const known = report(state, node, "");
    const told: TaskReport = known.state === "live" ? { ...known, state: "unknown" } : known;
    for (const task of expand(tasks)) reports.set(reportKey(name, task), told);
  }
  return reports;
}

/** "CANCELLED by 1000" and "CANCELLED+" are CANCELLED. */
function report(said: string, node: string, reason: string): TaskReport {
  const word = /^[A-Z_]+/.exec(said)?.[0] ?? said;
  const why = ["", "None"].includes(reason) ? "" : ` (${reason})`;
  return { state: states[word] ?? "live", said: `${word}${why}`, node };
}

/** "3", or what is not yet expanded: "[4-9%2]", "[1,3-5]". */
export function expand(tasks: string): readonly number[] {
  return tasks
    .replaceAll(/[[\]]|%\d+/g, "")
    .split(",")
    .flatMap((part) => {
      const [first = Number.NaN, last = first] = part.split("-").map(Number);
      if (!Number.isInteger(first) || !Number.isInteger(last)) return [];
      return Array.from({ length: last - first + 1 }, (_, i) => first + i);
    });
}
