/** @file The folds of undisturbed nights, computed once for all cases. */

import { type Folds, readFolds } from "./check.ts";
import { makeNight } from "./night.ts";
import { runToEnd } from "./runner.ts";

/** What an undisturbed night leaves, and its length in milliseconds. */
type Quiet = { readonly folds: Folds; readonly length: number };

const quiet = new Map<string, Promise<Quiet>>();

/** A quiet night with these fields. */
export async function quietNight(fields: object = {}): Promise<Quiet> {
  const key = JSON.stringify(fields);
  const known = quiet.get(key) ?? runQuietly(fields);
  quiet.set(key, known);
  return await known;
}

/** Folds of a quiet night with these fields. */
export async function quietFolds(fields: object = {}): Promise<Folds> {
  return (await quietNight(fields)).folds;
}

async function runQuietly(fields: object): Promise<Quiet> {
  const night = makeNight(fields);
  const begun = performance.now();
  await runToEnd(night);
  return { folds: readFolds(night.store), length: performance.now() - begun };
}

/** Waits until something is true, and fails after so many seconds. */
export async function until(what: string, holds: () => boolean, seconds = 60): Promise<void> {
  const deadline = performance.now() + seconds * 1000;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`waited ${seconds} s for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
