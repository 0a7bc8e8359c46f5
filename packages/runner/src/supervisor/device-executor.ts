/** @file Two kinds of workers: one per device for models, and one per core for probes, at the same time. */

import type { Executor, JobOptions } from "../executor.ts";
import type { JobKind, JobResult, Work } from "../jobs/index.ts";
import type { Place } from "./place.ts";
import { createProcessExecutor, type ProcessExecutorOptions } from "./process-executor.ts";

/** Which jobs run a model; the others are for CPU workers. */
const onDevice: Readonly<Record<JobKind, boolean>> = {
  attribute: true,
  bagOfWords: false,
  encode: true,
  finetune: true,
  probe: false,
  regularize: true,
  tokenize: false,
};

type Options = ProcessExecutorOptions & {
  /** One worker each. */
  readonly places: readonly Place[];
  /** Workers of the CPU. */
  readonly workers: number;
};

/** Sends jobs that run a model to a device's worker, and the others to the CPU's. */
export function createDeviceExecutor({ places, workers, ...options }: Options): Executor {
  const devices = createProcessExecutor(places.length, { ...options, places });
  const cpu = createProcessExecutor(workers, options);
  const of = (kind: JobKind): Executor => (onDevice[kind] ? devices : cpu);
  return {
    workers,
    room: (kind) => of(kind).room(kind),
    encodesApart: true,
    threads: cpu.threads,
    run: async <K extends JobKind>(
      kind: K,
      work: Work<K>,
      options?: JobOptions<K>,
    ): Promise<JobResult<K>> => await of(kind).run(kind, work, options),
    close: async () => {
      await Promise.all([devices.close(), cpu.close()]);
    },
  };
}
