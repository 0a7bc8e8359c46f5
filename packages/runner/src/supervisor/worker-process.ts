/** @file A worker process: takes one job at a time from the runner, says that it lives, and never outlives it. */

import { writeFileSync } from "node:fs";
import { Worker } from "node:worker_threads";
import { type JobKind, runJob, type Work } from "../jobs/index.ts";
import { useDeviceIndex } from "../session-on.ts";

/** What the runner sends. */
export type JobMessage = {
  readonly job: number;
  readonly kind: JobKind;
  readonly work: Work<JobKind>;
};

/** What comes back: a sign of life, or the end of a job. */
export type WorkerMessage =
  | { readonly worker: "ready" | "alive" }
  | { readonly worker: "done"; readonly job: number; readonly result: unknown }
  | { readonly worker: "failed"; readonly job: number; readonly error: unknown };

const beat = 1000; // milliseconds between signs of life

const [deviceIndex] = process.argv.slice(2);
if (deviceIndex !== undefined) useDeviceIndex(Number(deviceIndex));
offerToOutOfMemoryKiller();
endWithRunner();
process.on("SIGINT", ignore); // Ctrl-C goes to the whole group; the runner decides what it means
process.on("SIGTERM", ignore);
process.on("message", (message: JobMessage) => {
  void answer(message);
});
setInterval(() => tell({ worker: "alive" }), beat).unref();
tell({ worker: "ready" });

async function answer({ job, kind, work }: JobMessage): Promise<void> {
  try {
    tell({ worker: "done", job, result: await runJob(kind, work) });
  } catch (error) {
    tell({
      worker: "failed",
      job,
      error: error instanceof Error ? error : new Error(String(error)),
    });
  }
}

function tell(message: WorkerMessage): void {
  if (process.connected) process.send?.(message);
}

function ignore(): void {}

/** When memory runs out the kernel takes a worker, whose job is tried again, and not the runner. */
function offerToOutOfMemoryKiller(): void {
  if (process.platform !== "linux") return;
  try {
    writeFileSync("/proc/self/oom_score_adj", "500");
  } catch {
    // a sandbox may refuse it: the kernel then chooses by size, which is mostly a worker too
  }
}

/** Ends when the runner is gone, be it in the middle of a computation that lets nothing else run. */
function endWithRunner(): void {
  process.on("disconnect", () => process.exit());
  const watch = `setInterval(() => {
    if (process.ppid !== ${process.ppid}) process.kill(process.pid, "SIGKILL");
  }, 500);`;
  new Worker(watch, { eval: true, execArgv: [] }).unref();
}
