/** @file The error of a job whose worker died or fell silent, and how errors of jobs are told apart. */

/** What became of the worker: it ended by itself or by a signal, or it was replaced because it no longer answered. */
export type Loss = "died" | "killed" | "silent";

/** A job has no result because its worker process is gone. Another try may go well. */
export class LostWorker extends Error {
  override readonly name = "LostWorker";
  readonly loss: Loss;

  constructor(loss: Loss, message: string) {
    super(message);
    this.loss = loss;
  }
}

/** Kinds of failure, by what can be done about them. */
export type FailureKind =
  | "memory" // go on with smaller batches
  | "worker" // it is gone: try once more, alone
  | "final"; // the same would happen again: bad numbers, bad input, a full disk

/** What Linux, ONNX Runtime, CUDA, WebGPU and V8 say when memory runs out. */
const outOfMemory =
  /out of (device |gpu |host )?memory|bad_alloc|cannot allocate|failed to allocate|allocation failed|ENOMEM|ERR_WORKER_OUT_OF_MEMORY/i;

export function failureKind(error: unknown): FailureKind {
  if (!(error instanceof Error)) return "final";
  if (outOfMemory.test(error.message)) return "memory";
  return error instanceof LostWorker ? "worker" : "final";
}

/** True of a SIGKILL that we did not send: on a machine where nobody did, the kernel was short of memory. */
export function wasKilled(error: unknown): boolean {
  return error instanceof LostWorker && error.loss === "killed";
}
