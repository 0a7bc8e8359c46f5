/** @file The folds of undisturbed nights, computed once for all cases. */

import { type Folds, readFolds } from "./check.ts";
import { makeNight } from "./night.ts";
import { runToEnd } from "./runner.ts";

const quiet = new Map<string, Promise<Folds>>();

/** Folds of a quiet night with these fields. */
export async function quietFolds(fields: object = {}): Promise<Folds> {
  const key = JSON.stringify(fields);
  const known = quiet.get(key) ?? runQuietly(fields);
  quiet.set(key, known);
  return await known;
}

async function runQuietly(fields: object): Promise<Folds> {
  const night = makeNight(fields);
  await runToEnd(night);
  return readFolds(night.store);
}

/** Waits until something is true, and fails after so many seconds. */
export async function until(what: string, holds: () => boolean, seconds = 60): Promise<void> {
  const deadline = performance.now() + seconds * 1000;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`waited ${seconds} s for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
