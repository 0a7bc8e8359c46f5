/** @file What a worker thread runs: one job at a time, by kind. */

import { type Job, runJob } from "./jobs/index.ts";

export default async function work(job: Job): Promise<unknown> {
  return await runJob(job);
}
