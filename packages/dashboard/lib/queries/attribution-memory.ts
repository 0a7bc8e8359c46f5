/** @file Results of attribution queries, kept while the rows they came from stay as they are. */

import type { Store } from "../store.ts";

/** Results kept at a time: a page needs about a dozen. */
const kept = 120;

const keeper = globalThis as typeof globalThis & {
  probegridAttributions?: Map<string, unknown> | undefined;
};

/**
 * The result of `make`, or the one of the last call with the same name on the same data. Rows of
 * finished trials never change, so what was made of them outlives changes elsewhere in the store.
 */
export function remember<T>(
  store: Store,
  { name, finished }: { readonly name: string; readonly finished: boolean },
  make: () => T,
): T {
  keeper.probegridAttributions ??= new Map();
  const memory = keeper.probegridAttributions;
  const identity = finished ? store.generation.replace(/-[^-]*$/, "") : store.generation;
  const key = `${store.file} ${identity} ${name}`;
  if (memory.has(key)) {
    const known = memory.get(key) as T;
    memory.delete(key);
    memory.set(key, known); // the least recently used goes first
    return known;
  }
  const made = make();
  memory.set(key, made);
  const [oldest] = memory.keys();
  if (memory.size > kept && oldest !== undefined) memory.delete(oldest);
  return made;
}
