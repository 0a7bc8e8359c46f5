/** @file Puts tasks into the queue: in arrays no longer than the cluster takes, under names by which a lost job is found. */

import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { replaceFile } from "../atomic-file.ts";
import { ExperimentError } from "../errors.ts";
import type { Log } from "../log.ts";
import { type Answer, callSlurm, isFull, isTransient } from "./commands.ts";
import { jobScript, jobScriptName } from "./job-script.ts";
import { readSubmitLimits } from "./limits.ts";
import { findJob } from "./poll.ts";
import type { SlurmSettings } from "./settings.ts";
import { type Submission, type Sweep, submissionFile } from "./sweep.ts";

/** Shards of one task, and what the task needs. */
export type QueuedTask = {
  readonly shards: readonly string[];
  readonly minutes: number;
  /** MB; the cluster's own default when null. */
  readonly memory: number | null;
  /** Nodes to stay away from. */
  readonly exclude: readonly string[];
};

type Needs = Pick<QueuedTask, "minutes" | "memory" | "exclude">;

/** What sbatch is told; every value is one argument and none of them passes a shell. */
export function sbatchArguments(
  settings: SlurmSettings,
  needs: Needs,
  {
    name,
    tasks,
    arrays,
  }: { readonly name: string; readonly tasks: number; readonly arrays: number },
): readonly string[] {
  const { parallel } = settings;
  const share = parallel === undefined ? "" : `%${Math.max(1, Math.floor(parallel / arrays))}`;
  const exclude = [...(settings.exclude === undefined ? [] : [settings.exclude]), ...needs.exclude];
  const given = (["partition", "account", "qos", "constraint", "gres"] as const).flatMap((key) =>
    settings[key] === undefined ? [] : [`--${key}=${settings[key]}`],
  );
  return [
    "--parsable",
    `--job-name=${name}`,
    `--array=0-${tasks - 1}${share}`,
    ...["--requeue", "--open-mode=append", "--export=ALL"],
    `--signal=B:USR2@${settings.warning}`,
    `--time=${needs.minutes}`,
    `--cpus-per-task=${settings.cpus}`,
    ...(needs.memory === null ? [] : [`--mem=${needs.memory}M`]),
    ...(exclude.length === 0 ? [] : [`--exclude=${exclude.join(",")}`]),
    ...given,
    "--output=logs/%A_%a.log", // in the sweep's folder, where sbatch is started
    jobScriptName,
  ];
}

type Submitting = {
  readonly sweep: Sweep;
  readonly settings: SlurmSettings;
  readonly log: Log;
};

/** Submits what the cluster takes and returns the rest, which has to wait for room. */
export async function submitTasks(
  context: Submitting,
  queue: readonly QueuedTask[],
): Promise<readonly QueuedTask[]> {
  if (queue.length === 0) return [];
  const { array, room, why } = await readSubmitLimits(context.settings);
  const waiting = queue.slice(room);
  if (waiting.length > 0 && why !== null) {
    context.log.line(`slurm: the queue takes ${room} of ${queue.length} tasks now: ${why}`);
  }
  let limit = array;
  const rest = arraysOf(queue.slice(0, room), limit);
  for (let next = rest.shift(); next !== undefined; next = rest.shift()) {
    if (await submitArray(context, next, rest.length + 1)) continue;
    rest.unshift(next);
    limit = Math.floor((next.length - 1) / 2) || (next.length > 1 ? 1 : 0);
    if (limit === 0) break; // not even one: the queue is full
    rest.splice(0, rest.length, ...arraysOf(rest.flat(), limit));
  }
  return [...rest.flat(), ...waiting];
}

/** Tasks of one array need the same, and are as many as the limit allows. */
export function arraysOf(queue: readonly QueuedTask[], limit: number): QueuedTask[][] {
  const kinds = new Map<string, QueuedTask[]>();
  for (const task of queue) {
    const { minutes, memory, exclude } = task;
    const key = JSON.stringify([minutes, memory, exclude]);
    kinds.set(key, [...(kinds.get(key) ?? []), task]);
  }
  return [...kinds.values()].flatMap((tasks) =>
    Array.from({ length: Math.ceil(tasks.length / limit) }, (_, i) =>
      tasks.slice(i * limit, (i + 1) * limit),
    ),
  );
}

const mostTries = 5;

/** False when the queue is full. The submission is on disk before Slurm hears of it, and its job's id right after. */
async function submitArray(
  { sweep, settings, log }: Submitting,
  tasks: readonly QueuedTask[],
  arrays: number,
): Promise<boolean> {
  const [first] = tasks;
  if (!first) return true;
  const { minutes, memory, exclude } = first;
  const submission: Submission = {
    name: sweep.nextName(),
    job: null,
    tasks: tasks.map(({ shards }) => ({ shards: [...shards], open: true })),
    ...{ minutes, memory, exclude: [...exclude] },
  };
  const { name } = submission;
  sweep.record(submission);
  replaceFile(`${sweep.folder}/${jobScriptName}`, jobScript);
  const shape = { name, tasks: tasks.length, arrays };
  const args = sbatchArguments(settings, first, shape);
  for (let tries = 1; ; tries++) {
    const answer = await callSlurm("sbatch", args, {
      cwd: sweep.folder,
      env: jobEnvironment(sweep, name),
    });
    const job = jobOf(answer) ?? (await lostJob(name, answer));
    if (job !== null) {
      sweep.record({ ...submission, job });
      log.line(`slurm: job ${job} with ${tasks.length} task${tasks.length === 1 ? "" : "s"}`);
      return true;
    }
    const { complaint } = answer;
    if (isTransient(complaint) && tries < mostTries) {
      log.line(`slurm: ${firstLine(complaint)}; trying again`);
      await sleep(Math.min(settings.poll, 2 ** tries) * 1000);
      continue;
    }
    sweep.record({
      ...submission,
      tasks: submission.tasks.map((one) => ({ ...one, open: false })),
    });
    if (isFull(complaint)) {
      log.line(`slurm: the queue takes no ${tasks.length} more (${firstLine(complaint)})`);
      return false;
    }
    throw new ExperimentError(`sbatch: ${firstLine(complaint) || "it told no job id"}`);
  }
}

/** Values a job needs, where no shell reads them as text. */
function jobEnvironment({ folder }: Sweep, name: string): Readonly<Record<string, string>> {
  return {
    PROBEGRID_NODE: process.execPath,
    PROBEGRID_PROGRAM: fileURLToPath(new URL("../../bin/probegrid.mjs", import.meta.url)),
    PROBEGRID_SUBMISSION: submissionFile(folder, name),
  };
}

/** `--parsable` prints `id` or `id;cluster`. */
function jobOf({ code, out }: Answer): string | null {
  return code === 0 ? (/^(\d+)(;|$)/m.exec(out.trim())?.[1] ?? null) : null;
}

/** sbatch may lose the answer to a submission that went through: the name tells. */
async function lostJob(name: string, answer: Answer): Promise<string | null> {
  if (answer.code !== 0 && !isTransient(answer.complaint)) return null;
  try {
    return await findJob(name);
  } catch {
    return null; // Slurm can not be asked either; the next try will tell
  }
}

function firstLine(complaint: string): string {
  return complaint.split("\n")[0]?.replace(/^sbatch: error: /, "") ?? "";
}
