/** @file Which shards share a task, and how long it may take. */

import type { SlurmSettings } from "./settings.ts";
import type { QueuedTask } from "./submit.ts";

/** A shard's id and the seconds it is estimated to take. */
export type SizedShard = { readonly id: string; readonly seconds: number };

const startSeconds = 60; // loading, hashing and the like
const leastMinutes = 10;

/** Sites ask for few, longer tasks: small shards are bundled until they fill `bundle` minutes. */
export function planTasks(
  shards: readonly SizedShard[],
  { bundle, minutes, memory }: SlurmSettings,
): readonly QueuedTask[] {
  const bundles: SizedShard[][] = [];
  let seconds = Number.POSITIVE_INFINITY;
  for (const shard of shards) {
    if (seconds + shard.seconds > bundle * 60) {
      bundles.push([]);
      seconds = 0;
    }
    bundles.at(-1)?.push(shard);
    seconds += shard.seconds;
  }
  return bundles.map((some) => ({
    shards: some.map(({ id }) => id),
    minutes: minutes ?? timeLimit(some.reduce((sum, shard) => sum + shard.seconds, 0)),
    memory: memory ?? null,
    exclude: [],
  }));
}

/** Minutes for an estimate, which may be wrong by half; in tens, so that like tasks share an array. */
export function timeLimit(seconds: number): number {
  return Math.max(leastMinutes, Math.ceil((2 * seconds + startSeconds) / 600) * 10);
}
