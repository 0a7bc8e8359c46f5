/** @file What a worker thread runs: one job at a time, by kind. */

import { type JobKind, runJob, type Work } from "./jobs/index.ts";

export default async function work(job: {
  readonly kind: JobKind;
  readonly work: Work<JobKind>;
}): Promise<unknown> {
  return await runJob(job.kind, job.work);
}
