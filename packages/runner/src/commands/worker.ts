/** @file `probegrid worker`: what a task of a cluster runs; people have no use for it. */

import { appendFileSync } from "node:fs";
import { dirname } from "node:path";
import { ExperimentError } from "../errors.ts";
import { createLog } from "../log.ts";
import { callSlurm } from "../slurm/commands.ts";
import { aliveFile, readSubmission } from "../slurm/sweep.ts";
import { workShard } from "../slurm/work-shard.ts";
import { createProcessExecutor } from "../supervisor/process-executor.ts";
import { defineCommand } from "./define-command.ts";

/** Exit code of a task that was told to stop and has more to do: as many schedulers read "again, please". */
export const unfinishedExitCode = 85;

const mostRestarts = 3; // after warnings of the time limit; preemptions are not counted

export const workerCommand = defineCommand({
  builder: (yargs) =>
    yargs.options({
      submission: { type: "string", demandOption: true, requiresArg: true },
      task: { type: "number", demandOption: true, requiresArg: true },
      job: { type: "string", default: "", requiresArg: true },
      restarts: { type: "number", default: 0, requiresArg: true },
      workers: { type: "number", default: 1, requiresArg: true },
    }),
  handler: async ({ submission, task: index, job, restarts, workers }) => {
    const folder = dirname(dirname(submission));
    const task = readSubmission(submission).tasks[index];
    if (!task) throw new ExperimentError(`worker: ${submission} has no task ${index}`);
    const log = createLog({ out: process.stdout, live: process.stderr });
    const { stop, late } = watchSignals((why) => log.line(`${why}: finishing what is in flight`));
    for (const shard of task.shards) {
      if (stop.signal.aborted) break;
      await workShard({
        ...{ folder, shard, workers, log, stop, task: /^\d+_\d+$/.test(job) ? job : undefined },
        createExecutor: () => createProcessExecutor(workers),
      });
    }
    if (!stop.signal.aborted) return;
    process.exitCode = unfinishedExitCode;
    if (!late()) return;
    for (const shard of task.shards) appendFileSync(aliveFile(folder, shard), "time");
    if (restarts >= mostRestarts || job === "") return;
    const { code, complaint } = await callSlurm("scontrol", ["requeue", job]);
    log.line(code === 0 ? "put back into the queue" : `not put back into the queue: ${complaint}`);
  },
});

/** SIGUSR2 is Slurm's warning before the time limit, SIGTERM a preemption or a cancellation. */
function watchSignals(told: (why: string) => void) {
  const stop = new AbortController();
  let late = false;
  process.on("SIGUSR2", () => {
    if (!stop.signal.aborted) told("the time limit is near");
    late = true;
    stop.abort();
  });
  process.on("SIGTERM", () => {
    if (!stop.signal.aborted) told("asked to end");
    stop.abort();
  });
  return { stop, late: () => late };
}
