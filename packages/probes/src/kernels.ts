/** @file Compiled graphs kept for the life of the thread, so that only the first trial pays for them. */

import { compile, type Node, type Session, type Tensor } from "./graph/index.ts";

const sessions = new Map<string, Promise<Session>>();

/** The session of a graph that the key fully describes; built on first use. */
export function kernel(
  key: string,
  outputs: () => Readonly<Record<string, Node>>,
): Promise<Session> {
  let session = sessions.get(key);
  if (session === undefined) {
    session = compile(outputs());
    sessions.set(key, session);
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
