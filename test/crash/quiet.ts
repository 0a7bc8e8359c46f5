/** @file The folds of an undisturbed night, computed once for all cases. */

import { type Folds, readFolds } from "./check.ts";
import { makeNight } from "./night.ts";
import { runToEnd } from "./runner.ts";

let quiet: Promise<Folds> | undefined;

export async function quietFolds(): Promise<Folds> {
  quiet ??= (async () => {
    const night = makeNight();
    await runToEnd(night);
    return readFolds(night.store);
  })();
  return await quiet;
}

/** Waits until something is true, and fails after so many seconds. */
export async function until(what: string, holds: () => boolean, seconds = 60): Promise<void> {
  const deadline = performance.now() + seconds * 1000;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`waited ${seconds} s for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
