/** @file The bag-of-words job: what word counts alone tell, over the folds of a split. */

import {
  type FoldSpec,
  type Rows,
  type ScoreEntry,
  scoreBagOfWords,
  splitFolds,
} from "@probegrid/probes";

export type BagOfWordsWork = {
  readonly texts: readonly string[];
  readonly rows: Rows;
  readonly folds: FoldSpec;
};

/** Scores per fold. */
export async function probeWords({
  texts,
  rows,
  folds,
}: BagOfWordsWork): Promise<readonly ScoreEntry[]> {
  return await scoreBagOfWords({ texts, rows, folds: splitFolds(folds, rows) });
}
