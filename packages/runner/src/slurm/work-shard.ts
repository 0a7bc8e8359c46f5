/** @file What a task does: the work of its shards with the same code as a local run, each result left as a file. */

import { utimesSync, writeFileSync } from "node:fs";
import { explainShard } from "./explain-shard.ts";
import { probeShard } from "./probe-shard.ts";
import { readShard } from "./shard.ts";
import { aliveFile } from "./sweep.ts";
import type { TaskContext } from "./task.ts";
import { trainShard } from "./train-shard.ts";

const heartbeat = 30_000; // milliseconds

/** Computes what has no result yet, with a sign of life for the head. */
export async function workShard({
  shard: id,
  ...task
}: TaskContext & { readonly shard: string }): Promise<void> {
  const { folder, log } = task;
  const shard = readShard(folder, id);
  const alive = aliveFile(folder, id);
  writeFileSync(alive, "", { mode: 0o600 });
  const timer = setInterval(() => utimesSync(alive, new Date(), new Date()), heartbeat);
  process.chdir(shard.from);
  try {
    log.line(`${shard.name}: ${shard.trials.length} to compute`);
    if (shard.kind === "probe") await probeShard(shard, task);
    else if (shard.kind === "finetune") await trainShard(shard, task);
    else await explainShard(shard, task);
  } finally {
    clearInterval(timer);
  }
}
