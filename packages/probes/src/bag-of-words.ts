/** @file The bag-of-words baseline: what a linear probe reads off the counts of words, without any model. */

import type { Matrix } from "./array.ts";
import { logistic } from "./classifiers/logistic.ts";
import { ridge } from "./classifiers/ridge.ts";
import type { Fold, Rows } from "./folds.ts";
import { probe, type ScoreEntry } from "./probe.ts";
import { wordsOf } from "./words.ts";

/** Words counted at most: the ones in the most texts. */
const mostWords = 2000;

/** Counts of each word in each text: the words that are in the most texts, equals in alphabetical order. */
export function countWords(texts: readonly string[], limit = mostWords): Matrix {
  const words = texts.map(wordsOf);
  const inTexts = new Map<string, number>();
  for (const one of words) {
    for (const word of new Set(one)) inTexts.set(word, (inTexts.get(word) ?? 0) + 1);
  }
  const kept = [...inTexts]
    .sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
    .slice(0, limit)
    .map(([word]) => word);
  const column = new Map(kept.map((word, i) => [word, i]));
  const columns = Math.max(1, kept.length);
  const data = new Float32Array(texts.length * columns);
  words.forEach((one, row) => {
    for (const word of one) {
      const at = column.get(word);
      if (at !== undefined) data[row * columns + at]! += 1;
    }
  });
  return { rows: texts.length, columns, data };
}

export type BagOfWordsData = {
  readonly texts: readonly string[];
  readonly rows: Rows;
  readonly folds: readonly Fold[];
};

/** Scores per fold of logistic regression (ridge for regression) on the counts, with the default options. */
export async function scoreBagOfWords({
  texts,
  rows: { task, targets, classes },
  folds,
}: BagOfWordsData): Promise<readonly ScoreEntry[]> {
  const data = { features: countWords(texts), folds, task, targets, classes, seed: 0 };
  const { scores } =
    task === "classification" ? await probe(data, logistic, {}) : await probe(data, ridge, {});
  return scores;
}
