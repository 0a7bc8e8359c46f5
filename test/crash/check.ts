/** @file What must hold after any disturbance: no fold lost, none twice, none changed, nothing stuck, no file left over. */

import { strict as assert } from "node:assert";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { openStore, readFoldResults } from "../../packages/runner/src/store/index.ts";
import type { Night } from "./night.ts";

/** Every stored fold: trial, metric and fold, and its exact value. */
export type Folds = ReadonlyMap<string, number>;

/** Reads the folds of a store, and checks that the store is sound; none when there is no store yet. */
export function readFolds(file: string): Folds {
  const folds = new Map<string, number>();
  if (!existsSync(file)) return folds;
  using store = openStoreThatMayBeNew(file);
  if (store === undefined) return folds;
  assert.equal(store.sqlite.pragma("quick_check", { simple: true }), "ok");
  const torn = store.sqlite
    .prepare(
      `select id from trials where (state = 'done') <> exists (select 1 from scores where trial = key)
       or state = 'done' and (select count(*) from predictions where trial = key) <>
         (select folds from splits where splits.id = trials.split)`,
    )
    .all();
  assert.deepEqual(torn, [], "a trial is half written");
  for (const { trial, metric, fold, value } of readFoldResults(store)) {
    const key = `${trial} ${metric} ${fold}`;
    assert(!folds.has(key), `fold ${key} is stored twice`);
    folds.set(key, value);
  }
  return folds;
}

/** A runner that was killed while it made the store leaves one without tables: then there is nothing to lose. */
function openStoreThatMayBeNew(file: string) {
  try {
    return openStore(file, { readonly: true });
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "older") return undefined;
    throw error;
  }
}

/** Every fold of `before` is still there with the same value. */
export function expectKept(before: Folds, after: Folds): void {
  for (const [key, value] of before) assert.equal(after.get(key), value, `fold ${key}`);
}

/** The night ended as a quiet one: the same folds and values, every trial done, and no temporary file. */
export function expectQuietEnd(night: Pick<Night, "store" | "cache">, quiet: Folds): void {
  const folds = readFolds(night.store);
  assert.equal(folds.size, quiet.size, "number of folds");
  expectKept(quiet, folds);
  using store = openStore(night.store, { readonly: true });
  const open = store.sqlite.prepare("select id, state from trials where state <> 'done'").all();
  assert.deepEqual(open, [], "trials that are not done");
  const runs = store.sqlite.prepare("select key from runs where finishedAt is null").all();
  assert.deepEqual(runs, [], "runs that never ended");
  const rest = readdirSync(night.cache).filter((name) => /partial|journal/.test(name));
  assert.deepEqual(rest, [], `temporary files in ${join(night.cache)}`);
}
