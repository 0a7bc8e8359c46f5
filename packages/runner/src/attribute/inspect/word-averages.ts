/** @file Which words speak for and against each class, averaged over the texts of the class. */

import type { ScoredWord } from "@probegrid/probes";

/** A word, its mean score and how many occurrences it is a mean of. */
export type AveragedWord = {
  readonly token: string;
  readonly score: number;
  readonly count: number;
};

type Sums = {
  occurrences: number;
  positive: number;
  positives: number;
  negative: number;
  negatives: number;
};

/** Collects the scores of words class by class. */
export function createAverages() {
  const classes = new Map<string, Map<string, Sums>>();
  return {
    add: (label: string, units: readonly Pick<ScoredWord, "text" | "score">[]): void => {
      const words = classes.get(label) ?? new Map<string, Sums>();
      classes.set(label, words);
      for (const { text, score } of units) {
        const sums = words.get(text) ?? emptySums();
        words.set(text, sums);
        sums.occurrences += 1;
        if (score > 0) {
          sums.positive += score;
          sums.positives += 1;
        }
        if (score < 0) {
          sums.negative += score;
          sums.negatives += 1;
        }
      }
    },
    /** Words by the mean of their positive (or negative) scores, strongest first. */
    rank: (label: string, sign: "positive" | "negative", { least, top }: Limits): Ranking =>
      rank(classes.get(label) ?? new Map(), sign, { least, top }),
  };
}

export type Limits = {
  /** Occurrences a word needs. */
  readonly least: number;
  readonly top: number;
};
export type Ranking = {
  readonly words: readonly AveragedWord[];
  /** The occurrences that were asked for: fewer than `least` where no word had as many. */
  readonly least: number;
};

const emptySums = (): Sums => ({
  occurrences: 0,
  positive: 0,
  positives: 0,
  negative: 0,
  negatives: 0,
});

function rank(
  words: ReadonlyMap<string, Sums>,
  sign: "positive" | "negative",
  { least, top }: Limits,
): Ranking {
  const all = [...words].flatMap(([token, sums]) => {
    const count = sign === "positive" ? sums.positives : sums.negatives;
    if (count === 0) return [];
    const score = (sign === "positive" ? sums.positive : sums.negative) / count;
    return [{ token, score, count, occurrences: sums.occurrences }];
  });
  const most = all.reduce((largest, { occurrences }) => Math.max(largest, occurrences), 0);
  const needed = Math.min(least, most);
  const found = all
    .filter(({ occurrences }) => occurrences >= needed)
    .sort((a, b) => Math.abs(b.score) - Math.abs(a.score) || (a.token < b.token ? -1 : 1))
    .slice(0, top)
    .map(({ token, score, count }) => ({ token, score, count }));
  return { words: found, least: needed };
}
