/** @file The paired permutation test: if two trials were alike, swapping their predictions item by item would change nothing. */

import { createRandom, type Random } from "../random.ts";
import { drawBinomial } from "./binomial-draw.ts";
import { type ConfusionMetric, confusionMetrics } from "./confusion-metrics.ts";

export type PermutationTest = {
  /** Two-sided, (1 + resamples at least as extreme) / (1 + resamples). */
  readonly p: number;
  /** Score of the first less that of the second. */
  readonly difference: number;
  readonly permutations: number;
};

export type PermutationOptions = {
  readonly seed: number;
  /** 9999 by default. */
  readonly permutations?: number;
};

/** Two trials' predictions of the same items. */
export type PairedPredictions = {
  readonly truth: ArrayLike<number>;
  readonly first: ArrayLike<number>;
  readonly second: ArrayLike<number>;
  readonly classes: number;
};

/** What counts as equally extreme despite rounding. */
const slack = 1e-12;

/** Compares a metric of two classifications by swapping, at random, the predictions of items they disagree on. */
export function permutePredictions(
  { truth, first, second, classes }: PairedPredictions,
  metric: ConfusionMetric,
  { seed, permutations = 9999 }: PermutationOptions,
): PermutationTest {
  const random = createRandom(seed).fork("permutation");
  const ofFirst = new Float64Array(classes * classes);
  const ofSecond = new Float64Array(classes * classes);
  // Items with the same truth and the same two predictions are interchangeable: only how many are swapped counts.
  const kinds = new Map<number, number>();
  for (let i = 0; i < truth.length; i++) {
    const [t, a, b] = [truth[i]!, first[i]!, second[i]!];
    ofFirst[t * classes + a]! += 1;
    ofSecond[t * classes + b]! += 1;
    const kind = (t * classes + a) * classes + b;
    if (a !== b) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  }
  const score = confusionMetrics[metric];
  const differ = (one: Float64Array, other: Float64Array) =>
    score({ classes, counts: one }) - score({ classes, counts: other });
  const difference = differ(ofFirst, ofSecond);
  const swappedFirst = new Float64Array(ofFirst.length);
  const swappedSecond = new Float64Array(ofSecond.length);
  let extreme = 0;
  for (let n = 0; n < permutations; n++) {
    swappedFirst.set(ofFirst);
    swappedSecond.set(ofSecond);
    for (const [kind, size] of kinds) {
      const moved = drawBinomial(random, size, 0.5);
      const b = kind % classes;
      const cell = Math.floor(kind / classes);
      const row = cell - (cell % classes);
      swappedFirst[cell]! -= moved;
      swappedFirst[row + b]! += moved;
      swappedSecond[row + b]! -= moved;
      swappedSecond[cell]! += moved;
    }
    if (Math.abs(differ(swappedFirst, swappedSecond)) >= Math.abs(difference) - slack) extreme++;
  }
  return { p: (1 + extreme) / (1 + permutations), difference, permutations };
}

/** Most differences that are counted out in full. */
const mostExact = 13;

/** Flips the signs of paired differences; every pattern once where there are at most 2^13. */
export function permuteSigns(
  differences: ArrayLike<number>,
  { seed, permutations = 9999 }: PermutationOptions,
): PermutationTest {
  const values = Array.from(differences).filter((value) => value !== 0);
  const observed = values.reduce((sum, value) => sum + value, 0);
  const difference = observed / Math.max(1, differences.length);
  const limit =
    Math.abs(observed) - slack * values.reduce((sum, value) => sum + Math.abs(value), 0);
  if (values.length <= mostExact) {
    const patterns = 2 ** values.length;
    let extreme = 0;
    for (let pattern = 0; pattern < patterns; pattern++) {
      const sum = values.reduce((total, one, i) => total + ((pattern >> i) & 1 ? one : -one), 0);
      if (Math.abs(sum) >= limit) extreme++;
    }
    return { p: extreme / patterns, difference, permutations: patterns };
  }
  const random = createRandom(seed).fork("permutation");
  let extreme = 0;
  for (let n = 0; n < permutations; n++) {
    if (Math.abs(flippedSum(values, random)) >= limit) extreme++;
  }
  return { p: (1 + extreme) / (1 + permutations), difference, permutations };
}

function flippedSum(values: readonly number[], random: Random): number {
  let sum = 0;
  for (const value of values) sum += random.next() < 0.5 ? value : -value;
  return sum;
}
