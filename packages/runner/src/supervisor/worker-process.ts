/** @file A worker process: takes one job at a time from the runner, says that it lives, and never outlives it. */

import { writeFileSync } from "node:fs";
import { Worker } from "node:worker_threads";
import { type JobKind, runJob, type Work } from "../jobs/index.ts";
import type { AnyLink } from "../jobs/link.ts";
import { useDeviceIndex } from "../session-on.ts";

/** A job to begin; `linked` where somebody hears what it tells. */
type JobMessage = {
  readonly job: number;
  readonly kind: JobKind;
  readonly work: Work<JobKind>;
  readonly linked: boolean;
};

/** What the runner sends: a job, the wish that one ends, the answer to a question. */
export type RunnerMessage =
  | JobMessage
  | { readonly stop: number }
  | { readonly question: number; readonly answer: unknown };

/** What comes back: a sign of life, what a job tells and asks, or its end. */
export type WorkerMessage =
  | { readonly worker: "ready" | "alive" }
  | { readonly worker: "news"; readonly job: number; readonly news: unknown }
  | {
      readonly worker: "question";
      readonly job: number;
      readonly question: number;
      readonly asked: unknown;
    }
  | { readonly worker: "done"; readonly job: number; readonly result: unknown }
  | { readonly worker: "failed"; readonly job: number; readonly error: unknown };

const beat = 1000; // milliseconds between signs of life

const [deviceIndex] = process.argv.slice(2);
if (deviceIndex !== undefined) useDeviceIndex(Number(deviceIndex));
offerToOutOfMemoryKiller();
endWithRunner();
process.on("SIGINT", ignore); // Ctrl-C goes to the whole group; the runner decides what it means
process.on("SIGTERM", ignore);
const stops = new Map<number, AbortController>();
const waiting = new Map<number, (answer: unknown) => void>();
let questions = 0;
process.on("message", (message: RunnerMessage) => {
  if ("kind" in message) void answer(message);
  else if ("stop" in message) stops.get(message.stop)?.abort();
  else {
    waiting.get(message.question)?.(message.answer);
    waiting.delete(message.question);
  }
});
setInterval(() => tell({ worker: "alive" }), beat).unref();
tell({ worker: "ready" });

async function answer({ job, kind, work, linked }: JobMessage): Promise<void> {
  try {
    const link = linked ? linkOf(job) : undefined;
    tell({ worker: "done", job, result: await runJob(kind, work, link) });
  } catch (error) {
    tell({
      worker: "failed",
      job,
      error: error instanceof Error ? error : new Error(String(error)),
    });
  } finally {
    stops.delete(job);
  }
}

/** The worker's end of what passes between a job and the runner. */
function linkOf(job: number): AnyLink {
  const stop = new AbortController();
  stops.set(job, stop);
  return {
    tell: (news) => tell({ worker: "news", job, news }),
    ask: async (asked) =>
      await new Promise((resolve) => {
        questions += 1;
        waiting.set(questions, resolve);
        tell({ worker: "question", job, question: questions, asked });
      }),
    signal: stop.signal,
  };
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
