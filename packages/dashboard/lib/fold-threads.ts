/** @file Threads that write scores of folds, so that the server's own one only hands them on. Only the server loads this file: pages are bundled, threads are not. */

import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { FoldWork } from "./fold-lines.ts";

/** Trials per message. */
const page = 1000;
/** Threads at a time, at most; each has the store open for itself. */
const mostThreads = 4;

/** The lines of all trials in their order. Threads start with the first piece asked for and end with the last, or when nobody reads on. */
export async function* foldPiecesOfThreads(
  file: string,
  { keys, ...shape }: FoldWork,
): AsyncGenerator<Uint8Array> {
  const pages = Array.from({ length: Math.ceil(keys.length / page) }, (_, i) =>
    keys.slice(i * page, (i + 1) * page),
  );
  const count = Math.min(mostThreads, availableParallelism(), pages.length);
  const threads = Array.from({ length: count }, () => startThread({ file, ...shape }));
  const coming: Promise<Uint8Array>[] = [];
  let next = 0;
  const ask = (): void => {
    const [own, thread] = [pages[next], threads[next % count]];
    next++;
    if (own === undefined || thread === undefined) return;
    const piece = thread.make(own);
    piece.catch(() => undefined); // told to whoever waits for it, also when that is nobody any more
    coming.push(piece);
  };
  try {
    for (let i = 0; i < 2 * count; i++) ask(); // each thread has one at work and one to go on with
    for (let piece = coming.shift(); piece !== undefined; piece = coming.shift()) {
      const lines = await piece;
      ask();
      yield lines;
    }
  } finally {
    await Promise.all(threads.map((thread) => thread.stop()));
  }
}

type Waiting = {
  readonly done: (lines: Uint8Array) => void;
  readonly failed: (why: Error) => void;
};

function startThread(workerData: Omit<FoldWork, "keys"> & { readonly file: string }) {
  const worker = new Worker(new URL("./fold-thread.mjs", import.meta.url), {
    workerData,
    execArgv: [],
  });
  const waiting: Waiting[] = [];
  let ended: Error | null = null;
  const fail = (why: Error): void => {
    ended ??= why;
    for (const { failed } of waiting.splice(0)) failed(why);
  };
  worker.on("message", (lines: Uint8Array) => waiting.shift()?.done(lines));
  worker.once("error", fail);
  worker.once("exit", () => fail(new Error("the thread that writes scores of folds has ended")));
  return {
    /** Lines of some trials; answers come in the order of the questions. */
    make: (keys: Int32Array): Promise<Uint8Array> =>
      new Promise((done, failed) => {
        if (ended !== null) return failed(ended);
        waiting.push({ done, failed });
        worker.postMessage(keys);
      }),
    stop: () => worker.terminate(),
  };
}
