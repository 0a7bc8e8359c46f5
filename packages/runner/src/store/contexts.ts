/** @file Contexts of keywords: which words stand around them, in the store beside the attributions that chose them. */

import { eq } from "drizzle-orm";
import { requireAllFinite } from "./checks.ts";
import type { Store } from "./open.ts";
import { contexts, trials } from "./schema.ts";
import { StoreError } from "./store-error.ts";

/** The words that a keyword attends to in the texts of a class. */
export type ContextRecord = {
  readonly label: string;
  readonly keyword: string;
  readonly occurrences: number;
  /** Mean attention from the keyword to each word, strongest first. */
  readonly words: readonly { readonly word: string; readonly weight: number }[];
};

/** Whether a trial has contexts of keywords. */
export const hasContexts = (store: Store, id: string): boolean =>
  store.drizzle
    .select({ key: contexts.trial })
    .from(contexts)
    .innerJoin(trials, eq(trials.key, contexts.trial))
    .where(eq(trials.id, id))
    .limit(1)
    .get() !== undefined;

/** Records the contexts of a trial's keywords by one layer's attention (from 0), in place of those it has. */
export function recordContexts(
  store: Store,
  id: string,
  { layer, found }: { readonly layer: number; readonly found: readonly ContextRecord[] },
): void {
  for (const { keyword, words } of found) {
    requireAllFinite(
      words.map(({ weight }) => weight),
      () => `trial ${id}: context of ${JSON.stringify(keyword)}`,
    );
  }
  store.transaction(() => {
    const trial = store.drizzle
      .select({ key: trials.key })
      .from(trials)
      .where(eq(trials.id, id))
      .get()?.key;
    if (trial === undefined) throw new StoreError("missing", `trial ${id} is not in the store`);
    store.drizzle.delete(contexts).where(eq(contexts.trial, trial)).run();
    for (const { label, keyword, occurrences, words } of found) {
      const pairs = JSON.stringify(words.map(({ word, weight }) => [word, weight]));
      store.drizzle
        .insert(contexts)
        .values({ trial, label, keyword, layer, occurrences, words: pairs })
        .run();
    }
  });
}
