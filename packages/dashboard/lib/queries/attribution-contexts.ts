/** @file Which words stand around the keywords of a class, as runs and `inspect` recorded them. */

import type { Store } from "../store.ts";
import { visible } from "../visible.ts";
import type { MethodTrial } from "./attribution-groups.ts";

/** The words that a keyword attends to in the texts of a class. */
export type KeywordContext = {
  readonly keyword: string;
  /** Whose attention, from 0. */
  readonly layer: number;
  readonly occurrences: number;
  /** Mean attention from the keyword to each word, strongest first. */
  readonly words: readonly { readonly word: string; readonly weight: number }[];
};

type Row = Omit<KeywordContext, "words"> & { readonly words: string };

/** Contexts of a class, by keyword; those of keywords that stand alone are left out. */
export function fetchContexts(
  store: Store,
  { trial, label }: { readonly trial: MethodTrial; readonly label: string },
): ReadonlyMap<string, KeywordContext> {
  const rows = store.all<Row>(
    `select keyword, layer, occurrences, words from main.contexts
     where trial = ? and label = ? order by rowid`,
    trial.key,
    label,
  );
  return new Map(
    rows
      .map((row) => ({ ...row, keyword: visible(row.keyword), words: wordsOf(row.words) }))
      .filter(({ words }) => words.length > 0)
      .map((context) => [context.keyword, context]),
  );
}

/** Reads pairs of a word and a weight; what is no such pair, as in a foreign store, is none. */
function wordsOf(text: string): KeywordContext["words"] {
  const pairs: unknown = JSON.parse(text);
  return (Array.isArray(pairs) ? pairs : []).flatMap((pair: unknown) => {
    const [word, weight] = Array.isArray(pair) ? pair : [];
    const fits = typeof word === "string" && typeof weight === "number" && weight > 0;
    return fits ? [{ word: visible(word), weight }] : [];
  });
}
