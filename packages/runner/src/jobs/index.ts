/** @file The table of jobs: every kind of work a worker can do. A job is plain data in, plain data out. */

import { encodeChunk } from "./encode.ts";
import { probeFeatures } from "./probe.ts";

/** One row per kind of job. Adding a kind means one file and one row. */
export const jobs = {
  encode: encodeChunk,
  probe: probeFeatures,
} as const;

export type JobKind = keyof typeof jobs;

/** A piece of work as it is sent to a worker: what to run, and everything it needs. */
export type Job = { [K in JobKind]: { kind: K; work: Parameters<(typeof jobs)[K]>[0] } }[JobKind];

/** What a job of one kind returns. */
export type JobResult<K extends JobKind = JobKind> = Awaited<ReturnType<(typeof jobs)[K]>>;

/** Runs a job in this thread. */
export async function runJob<K extends JobKind>(
  job: Extract<Job, { kind: K }>,
): Promise<JobResult<K>> {
  const run = jobs[job.kind] as (work: unknown) => Promise<JobResult<K>>;
  return await run(job.work);
}
