/** @file Whether scores look right to people: agreement with the sentiment that words were given. */

import { averagePrecision, spearman } from "./agreement.ts";

export type Plausibility = {
  /** Average precision of |score| at finding the words with a sentiment. */
  readonly precision: number | null;
  /** The same of words in random order: the share of words with a sentiment. */
  readonly chance: number;
  /** Of the words with a sentiment, the share whose score has its sign. */
  readonly signs: number | null;
  /** Spearman's correlation of score and sentiment over all words. */
  readonly correlation: number | null;
};

/** Compares scores towards the positive class with gold sentiments, 0 being neutral. */
export function plausibility(
  scores: readonly number[],
  sentiments: readonly number[],
): Plausibility {
  const marked = sentiments.map((sentiment) => sentiment !== 0);
  const count = marked.filter(Boolean).length;
  const right = scores.filter(
    (score, i) => marked[i] && Math.sign(score) === Math.sign(sentiments[i]!),
  ).length;
  return {
    precision: averagePrecision(scores.map(Math.abs), marked),
    chance: scores.length === 0 ? 0 : count / scores.length,
    signs: count === 0 ? null : right / count,
    correlation: spearman(scores, sentiments),
  };
}
