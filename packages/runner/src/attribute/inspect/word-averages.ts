/** @file Which words speak for and against each class, averaged over the texts of the class. */

import type { ScoredWord } from "@probegrid/probes";

/** A word, its mean score and how many occurrences it is a mean of. */
export type AveragedWord = {
  readonly token: string;
  readonly score: number;
  readonly count: number;
};

type Sums = {
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
  /** Scores that a mean needs. */
  readonly least: number;
  readonly top: number;
};
export type Ranking = {
  readonly words: readonly AveragedWord[];
  /** The scores that were asked for: fewer than `least` where no word had as many. */
  readonly least: number;
};

const emptySums = (): Sums => ({
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
    return [{ token, score, count }];
  });
  const most = all.reduce((largest, { count }) => Math.max(largest, count), 0);
  const needed = Math.min(least, most);
  const found = all
    .filter(({ count }) => count >= needed)
    .sort((a, b) => Math.abs(b.score) - Math.abs(a.score) || (a.token < b.token ? -1 : 1))
    .slice(0, top);
  return { words: found, least: needed };
}
