/** @file Entry of a worker thread: reads TypeScript through tsx, then runs one job at a time, by kind. */

import { register } from "tsx/esm/api";

register(); // a thread does not inherit the loader; --import tsx would only teach it require()

const { runJob } = await import("./jobs/index.ts");

/** @param {{kind: import("./jobs/index.ts").JobKind, work: any}} job */
export default async function work(job) {
  return await runJob(job.kind, job.work);
}
