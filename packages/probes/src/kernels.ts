/** @file Compiled graphs kept for the life of the thread, so that only the first trial pays for them. */

import { compile, type Node, type Session, type Tensor } from "./graph/index.ts";

/** Many more than one trial needs at a time. */
const limit = 64;

/** The least recently asked for comes first. */
const sessions = new Map<string, Promise<Session>>();

/** Threads of each session; undefined is one per core. */
let threads: number | undefined;

/** Says how many threads sessions that are compiled from now on use: fewer where several workers share the cores. */
export function setKernelThreads(count: number): void {
  threads = count;
}

/** The session of a graph that the key fully describes; built on first use, closed when long unused. */
export async function kernel(
  key: string,
  outputs: () => Readonly<Record<string, Node>>,
): Promise<Session> {
  const session = sessions.get(key) ?? compile(outputs(), threads === undefined ? {} : { threads });
  sessions.delete(key);
  sessions.set(key, session);
  const [oldest] = sessions;
  if (oldest !== undefined && sessions.size > limit) {
    sessions.delete(oldest[0]);
    await (await oldest[1]).close();
  }
  return session;
}

/** Frees every compiled graph of this thread. */
export async function closeKernels(): Promise<void> {
  const open = [...sessions.values()];
  sessions.clear();
  for (const session of open) await (await session).close();
}

/** Float64 numbers as a tensor. */
export const float64 = (data: Float64Array, ...shape: number[]): Tensor => ({ data, shape });

/** Float32 numbers as a tensor. */
export const float32 = (data: Float32Array, ...shape: number[]): Tensor => ({ data, shape });
