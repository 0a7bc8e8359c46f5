/** @file Finds jobs whose id the last head did not live to write down. */

import type { Log } from "../log.ts";
import { findJob } from "./poll.ts";
import type { Sweep } from "./sweep.ts";

/** A submission without a job id is looked up by its name; one that Slurm does not know was never made, or is over. */
export async function adoptLostJobs(sweep: Sweep, log: Log): Promise<void> {
  for (const submission of sweep.submissions) {
    const { job, name, tasks } = submission;
    if (job !== null || tasks.every(({ open }) => !open)) continue;
    const found = await findJob(name);
    if (found === null) {
      sweep.record({ ...submission, tasks: tasks.map((task) => ({ ...task, open: false })) });
      continue;
    }
    log.line(`slurm: found job ${found} by its name ${name}`);
    sweep.record({ ...submission, job: found });
  }
}
