/** @file Folds with fewer training rows, for learning curves. */

import type { Fold } from "./folds.ts";
import { createRandom, type Random } from "./random.ts";

export type TrainSize = {
  /** Training rows to keep in each fold; folds that have fewer keep all. */
  readonly rows: number;
  readonly seed: number;
  /** Class numbers, whose shares are kept; null for regression. */
  readonly labels: Int32Array | null;
};

/** The same folds with fewer training rows; a smaller size keeps a part of what a larger one keeps. */
export function limitTraining(
  folds: readonly Fold[],
  { rows, seed, labels }: TrainSize,
): readonly Fold[] {
  const random = createRandom(seed).fork("train size");
  return folds.map((fold, i) => {
    if (rows >= fold.train.length) return fold;
    const order = evenOrder(fold.train, labels, random.fork(String(i)));
    return { ...fold, train: order.slice(0, rows).sort() };
  });
}

/** A random order in which every prefix has the class shares of the whole, as near as whole rows allow. */
function evenOrder(rows: Uint32Array, labels: Int32Array | null, random: Random): Uint32Array {
  const shuffled = Uint32Array.from(random.permutation(rows.length), (i) => rows[i]!);
  if (labels === null) return shuffled;
  const counts = new Map<number, number>();
  for (const row of rows) counts.set(labels[row]!, (counts.get(labels[row]!) ?? 0) + 1);
  const seen = new Map<number, number>();
  const place = new Map<number, number>();
  for (const row of shuffled) {
    const label = labels[row]!;
    const before = seen.get(label) ?? 0;
    seen.set(label, before + 1);
    place.set(row, (before + 0.5) / counts.get(label)!);
  }
  return shuffled.sort((a, b) => place.get(a)! - place.get(b)!);
}
