/** @file Prepares statements once per open store. */

import type { Store } from "./open.ts";

/** Gives what `build` made for a store, building it at the first call only. */
export function perStore<T>(build: (store: Store) => T): (store: Store) => T {
  const made = new WeakMap<Store, T>();
  return (store) => {
    const known = made.get(store);
    if (known !== undefined) return known;
    const value = build(store);
    made.set(store, value);
    return value;
  };
}
