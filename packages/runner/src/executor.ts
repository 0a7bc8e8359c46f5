/** @file Hands jobs to threads, or runs them right here; the caller can not tell the difference. */

import { availableParallelism } from "node:os";
import { Piscina } from "piscina";
import { type JobKind, type JobResult, runJob, type Work } from "./jobs/index.ts";

/** What hands jobs to something that computes them: this thread, or several workers. */
export interface Executor {
  /** Workers that probe. */
  readonly workers: number;
  /** How many jobs of a kind are worth having in flight at once. */
  readonly room: (kind: JobKind) => number;
  /** True where encoding and probing have workers of their own and can go on side by side. */
  readonly encodesApart: boolean;
  /** Threads that one session of a worker should use. */
  readonly threads: number;
  /**
   * Computes. `size` is how much work it is, in any measure that jobs of one kind share: a worker that is far slower
   * for it than all before gets nowhere, and is replaced.
   */
  run<K extends JobKind>(kind: K, work: Work<K>, size?: number): Promise<JobResult<K>>;
  close(): Promise<void>;
}

/** Runs each job in this thread, one after the other: for tests, and for finding errors. */
export function createInlineExecutor(): Executor {
  const run = runJob;
  return { workers: 1, room: () => 1, encodesApart: false, threads: 1, run, close: async () => {} };
}

/**
 * Runs jobs in threads, each with sessions of its own; they start with the first job. A thread that dies fails its
 * job and is replaced.
 */
export function createThreadExecutor(workers = availableParallelism()): Executor {
  let threads: Piscina | undefined;
  const open = (): Piscina =>
    new Piscina({
      filename: new URL("./worker.mjs", import.meta.url).href,
      execArgv: [], // worker.mjs sets up its own loader
      minThreads: workers,
      maxThreads: workers,
    });
  return {
    workers,
    room: () => workers,
    encodesApart: false,
    threads: Math.max(1, Math.floor(availableParallelism() / workers)),
    run: async (kind, work) => {
      threads ??= open();
      return await threads.run({ kind, work });
    },
    close: async () => await threads?.destroy(),
  };
}
