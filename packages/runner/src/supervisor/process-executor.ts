/** @file Hands jobs to worker processes: one that crashes or hangs takes its own job with it, and nothing else. */

import { availableParallelism } from "node:os";
import type { Executor, JobOptions } from "../executor.ts";
import type { JobKind, JobResult, Work } from "../jobs/index.ts";
import type { AnyLink } from "../jobs/link.ts";
import { LostWorker } from "./lost-worker.ts";
import { createPace, type Pace } from "./pace.ts";
import type { Place } from "./place.ts";
import { type OpenJob, startWorker, type WorkerHandle } from "./worker-handle.ts";

export type ProcessExecutorOptions = {
  /** Seconds without a sign of life after which a worker is replaced. */
  readonly silence?: number;
  /** Where each worker computes models; as its jobs say where not given. */
  readonly places?: readonly Place[];
};

/** Seconds: longer than any step of a job that lets no sign of life through. */
export const defaultSilence = 1800;

const check = 1000; // milliseconds between looks at the workers
const mostFailedStarts = 3;

/** Runs jobs in worker processes, which start when there is work; a lost one is replaced by the next job. */
export function createProcessExecutor(
  workers = availableParallelism(),
  { silence = defaultSilence, places = [] }: ProcessExecutorOptions = {},
): Executor {
  const handles = new Set<WorkerHandle>();
  const queue: OpenJob[] = [];
  let failedStarts = 0;
  let closed = false;

  const dispatch = (): void => {
    for (const handle of handles) {
      if (handle.busy) continue;
      const job = queue.shift();
      if (!job) return;
      handle.begin(job);
    }
    const starting = [...handles].filter((handle) => handle.starting).length;
    for (let open = queue.length - starting; open > 0 && handles.size < workers; open--) start();
  };
  const start = (): void => {
    const taken = [...handles].map(({ place }) => place);
    const place = places.find((one) => !taken.includes(one)) ?? null;
    const handle: WorkerHandle = startWorker(place, {
      free: () => {
        failedStarts = 0;
        dispatch();
      },
      gone: (error) => {
        handles.delete(handle);
        if (handle.starting) failedStarts++;
        if (closed) return;
        if (failedStarts >= mostFailedStarts) for (const job of queue.splice(0)) job.reject(error);
        dispatch();
      },
    });
    handles.add(handle);
  };
  const pace = createPace(silence);
  const watch = watchWorkers(handles, { silence, pace });
  return {
    workers,
    room: () => workers,
    encodesApart: false,
    threads: Math.max(1, Math.floor(availableParallelism() / workers)),
    run: async <K extends JobKind>(
      kind: K,
      work: Work<K>,
      { size = 0, link }: JobOptions<K> = {},
    ): Promise<JobResult<K>> =>
      await new Promise<JobResult<K>>((resolve, reject) => {
        const done = (result: unknown, seconds: number): void => {
          pace.measure(kind, size, seconds);
          resolve(result as JobResult<K>);
        };
        queue.push({ kind, work, size, link: (link as AnyLink) ?? null, resolve: done, reject });
        dispatch();
      }),
    close: async () => {
      closed = true;
      clearInterval(watch);
      const why = "the run ended before this job did";
      for (const job of queue.splice(0)) job.reject(new LostWorker("died", why));
      await Promise.all([...handles].map(async (handle) => await handle.end("died", why)));
    },
  };
}

type Limits = { readonly silence: number; readonly pace: Pace };

/**
 * Replaces workers that fell silent, or that live and get nowhere. A late look says nothing: then this process was
 * asleep, not the worker.
 */
function watchWorkers(
  handles: ReadonlySet<WorkerHandle>,
  { silence, pace }: Limits,
): NodeJS.Timeout {
  let looked = performance.now();
  const timer = setInterval(() => {
    const late = performance.now() - looked > 3 * check;
    looked = performance.now();
    if (late) return;
    for (const handle of handles) {
      if (!handle.busy) continue;
      if (handle.silence() >= silence * 1000) {
        void handle.end("silent", `worker gave no sign of life for ${silence} s and was replaced`);
        continue;
      }
      const current = handle.current();
      if (!current) continue;
      const { kind, size, milliseconds, untold } = current;
      if (untold !== null && untold >= silence * 1000) {
        void handle.end(
          "silent",
          `worker lived but told nothing for ${silence} s, and was replaced`,
        );
        continue;
      }
      const { seconds, measured } = pace.limit(kind, size);
      if (milliseconds < seconds * 1000) continue;
      const waited = `${Math.round(seconds)} s${measured ? ", 20 times what its like took" : ""}`;
      void handle.end("silent", `worker lived but did not get on for ${waited}, and was replaced`);
    }
  }, check);
  return timer.unref();
}
