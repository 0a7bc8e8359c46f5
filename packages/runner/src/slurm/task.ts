/** @file What the work of every shard is given, and how its results become files. */

import { messageOf } from "../errors.ts";
import type { Executor } from "../executor.ts";
import type { TrialFailure, TrialResult } from "../jobs/probe.ts";
import type { Log } from "../log.ts";
import { waitForLock } from "../run/wait-for-lock.ts";
import type { RunnerLock } from "../store/lock.ts";
import { type ShardResult, writeResult } from "./result-files.ts";
import { aliveFile } from "./sweep.ts";

/** What a task has for its shards. */
export type TaskContext = {
  /** Folder of the sweep. */
  readonly folder: string;
  /** As Slurm knows it, such as 12_0; its log bears this name. */
  readonly task?: string | undefined;
  readonly workers: number;
  readonly createExecutor: () => Executor;
  readonly log: Log;
  /** Aborting it finishes what is in flight, or saves where it stands. */
  readonly stop: AbortController;
};

/** Leaves results as files. */
export type Save = (results: readonly (TrialResult | TrialFailure)[]) => void;

/** Results of probes, and failures of anything. */
export function resultSaver(
  { folder, task }: Pick<TaskContext, "folder" | "task">,
  environment: ShardResult["environment"],
): Save {
  return (results) => {
    for (const one of results) {
      if ("error" in one) {
        writeResult(folder, { trial: one.id, environment, error: messageOf(one.error), task });
        continue;
      }
      const { id, ...result } = one;
      writeResult(folder, { trial: id, environment, result });
    }
  };
}

/** Why a trial of a shard is not among those that a task finds. */
export const changedSince = new Error("the data or the model changed since this was planned");

/** A second copy of a task waits for the first, and may then find its training done. Null when stopped. */
export async function lockTraining(
  { folder, log, stop }: Pick<TaskContext, "folder" | "log" | "stop">,
  id: string,
): Promise<RunnerLock | null> {
  try {
    return await waitForLock(aliveFile(folder, `training-${id}`), {
      stop: stop.signal,
      onWait: () => log.line(`another task trains ${id}; waiting`),
    });
  } catch (error) {
    log.line(`${folder}: knows no locks (${messageOf(error)}), going on without`);
    return { release: () => {} };
  }
}
