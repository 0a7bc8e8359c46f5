/** @file How many sessions encode at once, and with how many threads each. */

import type { Device } from "@probegrid/probes";
import type { Executor } from "../executor.ts";

export type EncodeLanes = {
  /** Chunks in flight. */
  readonly lanes: number;
  /** Of each session. */
  readonly threads: number;
};

const largeModel = 2 ** 27; // bytes of weights: 128 MiB
const mostThreads = 4; // beyond that products of a few thousand rows gain little

/**
 * Every session holds its own copy of the weights. Small models have one session per worker, which is a little faster;
 * of a large one up to four threads share a copy.
 */
export function encodeLanes(
  executor: Pick<Executor, "room" | "threads">,
  device: Device,
  weightBytes: readonly number[],
): EncodeLanes {
  const workers = executor.room("encode");
  const { threads } = executor;
  if (device !== "cpu" || Math.max(...weightBytes) < largeModel) return { lanes: workers, threads };
  const lanes = Math.ceil((workers * threads) / mostThreads);
  if (lanes >= workers) return { lanes: workers, threads };
  return { lanes, threads: Math.floor((workers * threads) / lanes) };
}
