/** @file Hands jobs to threads, or runs them right here; the caller can not tell the difference. */

import { availableParallelism } from "node:os";
import type { Piscina } from "piscina";
import type { JobKind, JobResult, LinkOf, Work } from "./jobs/index.ts";

/** How a job is run. */
export type JobOptions<K extends JobKind> = {
  /**
   * How much work it is, in any measure that jobs of one kind share: a worker that is far slower for it than all
   * before gets nowhere, and is replaced. 0, or not given: nobody knows.
   */
  readonly size?: number | undefined;
  /** Hears what the job tells while it works, answers what it asks, and may ask it to stop. */
  readonly link?: LinkOf<K> | undefined;
};

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
  /** Computes. */
  run<K extends JobKind>(kind: K, work: Work<K>, options?: JobOptions<K>): Promise<JobResult<K>>;
  close(): Promise<void>;
}

/** Runs each job in this thread, one after the other: for tests, and for finding errors. */
export function createInlineExecutor(): Executor {
  return {
    workers: 1,
    room: () => 1,
    encodesApart: false,
    threads: 1,
    run: async <K extends JobKind>(
      kind: K,
      work: Work<K>,
      { link }: JobOptions<K> = {},
    ): Promise<JobResult<K>> => {
      const { runJob } = await import("./jobs/index.ts"); // loads everything that computes
      return await runJob(kind, work, link);
    },
    close: async () => {},
  };
}

/**
 * Runs jobs in threads, each with sessions of its own; they start with the first job. A thread that dies fails its
 * job and is replaced.
 */
export function createThreadExecutor(workers = availableParallelism()): Executor {
  let threads: Promise<Piscina> | undefined;
  const open = async (): Promise<Piscina> => {
    const { Piscina } = await import("piscina");
    return new Piscina({
      filename: new URL("./worker.mjs", import.meta.url).href,
      execArgv: [], // worker.mjs sets up its own loader
      minThreads: workers,
      maxThreads: workers,
    });
  };
  return {
    workers,
    room: () => workers,
    encodesApart: false,
    threads: Math.max(1, Math.floor(availableParallelism() / workers)),
    run: async (kind, work, { link } = {}) => {
      if (link) throw new Error(`internal: a thread has no link for a job of kind "${kind}"`);
      threads ??= open();
      return await (await threads).run({ kind, work });
    },
    close: async () => await (await threads)?.destroy(),
  };
}
