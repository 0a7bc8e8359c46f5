/** @file How much the cluster takes, asked before anything is submitted. */

import { userInfo } from "node:os";
import { type Answer, callSlurm, type SlurmProgram } from "./commands.ts";
import type { SlurmSettings } from "./settings.ts";

/** Where Slurm does not say: its own default. */
export const usualMaxArraySize = 1001;

export type SubmitLimits = {
  /** Tasks that one array may have. MaxArraySize limits the index, so each array counts from 0. */
  readonly array: number;
  /** Tasks that may still be submitted; infinite where no limit is known. */
  readonly room: number;
  /** What was found out about the room, for people; null where nothing is known. */
  readonly why: string | null;
};

/** Asks scontrol for MaxArraySize, the accounts for MaxSubmitJobs, and squeue for what is in the queue already. */
export async function readSubmitLimits(settings: SlurmSettings): Promise<SubmitLimits> {
  const { array, most } = { array: await readArrayLimit(settings), most: await readMost(settings) };
  if (most === null) return { array, room: Number.POSITIVE_INFINITY, why: null };
  const queued = await countQueued();
  const room = Math.max(0, most - queued);
  return { array, room, why: `${most} at a time (MaxSubmitJobs), ${queued} in the queue` };
}

async function readArrayLimit({ array }: SlurmSettings): Promise<number> {
  const { code, out } = await callSlurm("scontrol", ["show", "config"]);
  const found = code === 0 ? /^MaxArraySize\s*=\s*(\d+)/m.exec(out)?.[1] : undefined;
  const limit = Math.max(1, Number(found ?? usualMaxArraySize));
  return Math.min(limit, array ?? limit);
}

/** The least of the limits of the user's association and of the QOS; null where the accounts set or tell none. */
async function readMost({ account, qos }: SlurmSettings): Promise<number | null> {
  const where = [
    `user=${userInfo().username}`,
    ...(account === undefined ? [] : [`account=${account}`]),
  ];
  const own = await ask("sacctmgr", [
    ...["--noheader", "--parsable2", "show", "associations", "where"],
    ...where,
    "format=maxsubmitjobs",
  ]);
  const shared =
    qos === undefined
      ? ""
      : await ask("sacctmgr", [
          ...["--noheader", "--parsable2", "show", "qos", "where", `name=${qos}`],
          "format=maxsubmitjobsperuser",
        ]);
  const limits = `${own}\n${shared}`
    .split(/\s+/)
    .filter((text) => /^\d+$/.test(text))
    .map(Number);
  return limits.length === 0 ? null : Math.min(...limits);
}

/** Tasks of this user, pending and running; each task of an array counts. */
async function countQueued(): Promise<number> {
  const out = await ask("squeue", ["--me", "--array", "--noheader", "--format=%i"]);
  return out.split("\n").filter((line) => line.trim() !== "").length;
}

/** What it prints; nothing where it is not there or has no answer. */
async function ask(program: SlurmProgram, args: readonly string[]): Promise<string> {
  const nothing: Answer = { code: 1, out: "", complaint: "" };
  const { code, out } = await callSlurm(program, args).catch(() => nothing);
  return code === 0 ? out : "";
}
