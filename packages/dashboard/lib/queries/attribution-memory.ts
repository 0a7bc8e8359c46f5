/** @file Results of attribution queries, kept while the rows they came from stay as they are. */

import type { Store } from "../store.ts";

/** Results kept at a time: decoded rows of ten methods are about 25, numbers made of them hundreds. */
const kept = { rows: 40, numbers: 600 } as const;

type Memory = { readonly [K in keyof typeof kept]: Map<string, unknown> };

const keeper = globalThis as typeof globalThis & { probegridAttributions?: Memory | undefined };

type Named = {
  readonly name: string;
  /** Whether every trial it comes from is done, and gets no more rows. */
  readonly finished: boolean;
  /** Rows of a trial may be megabytes, so fewer of them are kept than of numbers. */
  readonly holds?: keyof typeof kept;
};

/**
 * The result of `make`, or the one of the last call with the same name on the same data. Rows of done
 * trials never change, so what was made of them outlives changes elsewhere in the store.
 */
export function remember<T>(
  store: Store,
  { name, finished, holds = "numbers" }: Named,
  make: () => T,
): T {
  keeper.probegridAttributions ??= { rows: new Map(), numbers: new Map() };
  const memory = keeper.probegridAttributions[holds];
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
  if (memory.size > kept[holds] && oldest !== undefined) memory.delete(oldest);
  return made;
}
