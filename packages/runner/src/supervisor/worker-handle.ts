/** @file One worker process as the runner sees it: what it computes, when it was last heard of, how it ended. */

import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { JobKind, Work } from "../jobs/index.ts";
import type { AnyLink } from "../jobs/link.ts";
import { type Loss, LostWorker } from "./lost-worker.ts";
import { createOutputTail } from "./output-tail.ts";
import type { Place } from "./place.ts";
import type { RunnerMessage, WorkerMessage } from "./worker-process.ts";

/** A job that waits for its result. */
export type OpenJob = {
  readonly kind: JobKind;
  readonly work: Work<JobKind>;
  /** How much work it is, in its kind's measure; 0 where nobody knows. */
  readonly size: number;
  /** Where what it tells and asks goes; null for jobs that say nothing. */
  readonly link: AnyLink | null;
  /** Is given the result and the seconds it took. */
  readonly resolve: (result: unknown, seconds: number) => void;
  readonly reject: (error: unknown) => void;
};

/** A worker process; `begin` may be called when it is not busy. */
export interface WorkerHandle {
  readonly place: Place | null;
  /** Not ready for its first job yet. */
  readonly starting: boolean;
  /** Starting, or with a job. */
  readonly busy: boolean;
  /** The job that it works on, and for how long; null where it has none. */
  readonly current: () => {
    readonly kind: JobKind;
    readonly size: number;
    readonly milliseconds: number;
    /** Milliseconds since it told something; null for jobs that say nothing. */
    readonly untold: number | null;
  } | null;
  /** Milliseconds, of a clock that never jumps, since it was heard of. */
  readonly silence: () => number;
  readonly begin: (job: OpenJob) => void;
  /** Ends it at once; its job fails as lost. */
  readonly end: (loss: Loss, why: string) => Promise<void>;
}

/** Starts a worker, for a place or as its jobs say; `free` is called when it can take a job, `gone` when it ended. */
export function startWorker(
  place: Place | null,
  events: { readonly free: () => void; readonly gone: (error: LostWorker) => void },
): WorkerHandle {
  const entry = fileURLToPath(new URL("./worker-process.ts", import.meta.url));
  const child = fork(entry, place === null ? [] : [String(place.index)], {
    // zod before the TypeScript loader, which takes four times as long for its files
    execArgv: ["zod", "tsx"].flatMap((name) => ["--import", import.meta.resolve(name)]),
    serialization: "advanced", // typed arrays go as they are
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  const tail = createOutputTail(child);
  let ready = false;
  let job: OpenJob | undefined;
  let number = 0;
  let heard = performance.now();
  let begun = heard;
  let told = heard;
  let ending: LostWorker | undefined;

  const settle = (use: (open: OpenJob) => void): void => {
    const open = job;
    job = undefined;
    open?.link?.signal.removeEventListener("abort", stop);
    if (open) use(open);
  };
  const stop = (): void => send(child, { stop: number });
  /** Where the runner's own part of a job fails, the job is of no use any more. */
  const give = (error: unknown): void => {
    settle((open) => open.reject(error));
    ending ??= new LostWorker("died", "its job was given up");
    child.kill("SIGKILL");
  };
  const hear = (message: Extract<WorkerMessage, { readonly job: number }>): void => {
    if (!job?.link || message.job !== number) return;
    told = performance.now();
    try {
      if (message.worker === "news") job.link.tell(message.news);
      if (message.worker !== "question") return;
      const { question } = message;
      job.link
        .ask(message.asked)
        .then((answer) => send(child, { question, answer }))
        .catch(give);
    } catch (error) {
      give(error);
    }
  };
  child.on("message", (message: WorkerMessage) => {
    heard = performance.now();
    if (message.worker === "news" || message.worker === "question") return hear(message);
    if (message.worker === "done") {
      settle((open) => open.resolve(message.result, (performance.now() - begun) / 1000));
    } else if (message.worker === "failed") settle((open) => open.reject(message.error));
    else if (message.worker === "ready") ready = true;
    else return; // a sign of life, or a message of the loader's own
    events.free();
  });
  const lost = once(child, "close").then(([code, signal]) => {
    const error = ending ?? describeEnd(code, { signal, tail: tail() });
    settle((open) => open.reject(error));
    events.gone(error);
  });
  child.on("error", ignore); // "close" follows, or the message was too late for a worker that is gone
  return {
    place,
    get starting() {
      return !ready;
    },
    get busy() {
      return !ready || job !== undefined;
    },
    current: () =>
      job
        ? {
            kind: job.kind,
            size: job.size,
            milliseconds: performance.now() - begun,
            untold: job.link === null ? null : performance.now() - told,
          }
        : null,
    silence: () => performance.now() - heard,
    begin(open) {
      job = open;
      heard = performance.now();
      begun = heard;
      told = heard;
      const { kind, work, link } = open;
      send(child, { job: ++number, kind, work, linked: link !== null });
      if (link?.signal.aborted) stop();
      else link?.signal.addEventListener("abort", stop);
    },
    async end(loss, why) {
      ending ??= new LostWorker(loss, why);
      child.kill("SIGKILL");
      await lost;
    },
  };
}

function send(child: ChildProcess, message: RunnerMessage): void {
  if (child.connected) child.send(message, ignore);
}

function ignore(): void {}

type End = { readonly signal: NodeJS.Signals | null; readonly tail: string };

function describeEnd(code: number | null, { signal, tail }: End): LostWorker {
  const how = signal === null ? `ended with code ${code}` : `was ended by ${signal}`;
  const said = tail === "" ? "" : `; its last words: ${tail}`;
  return new LostWorker(signal === "SIGKILL" ? "killed" : "died", `worker ${how}${said}`);
}
