/** @file Bootstrap intervals over items for regression: items are drawn, their moments summed. */

import { mse, pearson, r2 } from "../metrics.ts";
import type { Random } from "../random.ts";
import { type ItemInterval, percentiles, tailShares } from "./item-interval.ts";
import type { OutOfFold } from "./out-of-fold.ts";

type Options = {
  readonly random: Random;
  readonly replicates: number;
  readonly confidence: number;
};

/** Percentile intervals of mse, R2 and Pearson's correlation; each row counts with all of its predictions. */
export function bootstrapRegression(
  { targets, folds }: OutOfFold,
  { random, replicates, confidence }: Options,
): readonly ItemInterval[] {
  const rows = new Map<number, { readonly truth: number; readonly predicted: number[] }>();
  for (const { test, predicted } of folds) {
    test.forEach((row, i) => {
      const item = rows.get(row) ?? { truth: targets[row]!, predicted: [] };
      item.predicted.push(predicted[i]!);
      rows.set(row, item);
    });
  }
  const items = [...rows.values()];
  if (items.length < 2) return [];
  const moments = momentsOf(items);
  const values = { mse: [] as number[], r2: [] as number[], pearson: [] as number[] };
  for (let replicate = 0; replicate < replicates; replicate++) {
    const scores = scoresOf(moments, () => random.integer(items.length));
    values.mse.push(scores.mse);
    if (Number.isFinite(scores.r2)) values.r2.push(scores.r2);
    if (Number.isFinite(scores.pearson)) values.pearson.push(scores.pearson);
  }
  const truth = items.flatMap(({ truth, predicted }) => predicted.map(() => truth));
  const predicted = items.flatMap((item) => item.predicted);
  const points = {
    mse: mse(truth, predicted),
    r2: r2(truth, predicted),
    pearson: pearson(truth, predicted),
  };
  return (["mse", "r2", "pearson"] as const).flatMap((metric) => {
    const value = points[metric];
    // A resample without spread has no R2 and no correlation; where some have none, neither has the interval.
    if (value === null || values[metric].length < replicates) return [];
    const ends = percentiles(Float64Array.from(values[metric]), tailShares(confidence));
    return [{ metric, method: "percentile", value, ...ends } as const];
  });
}

/** Sums kept per item, about the means of all items so that no digits cancel. */
const sums = 6; // predictions, t, p, t², p², tp

function momentsOf(
  items: readonly { readonly truth: number; readonly predicted: readonly number[] }[],
): Float64Array {
  const moments = new Float64Array(items.length * sums);
  const count = items.reduce((sum, { predicted }) => sum + predicted.length, 0);
  const centre =
    items.reduce((sum, { truth, predicted }) => sum + truth * predicted.length, 0) / count;
  items.forEach(({ truth, predicted }, i) => {
    for (const one of predicted) {
      const [t, p] = [truth - centre, one - centre];
      [1, t, p, t * t, p * p, t * p].forEach((moment, k) => {
        moments[i * sums + k]! += moment;
      });
    }
  });
  return moments;
}

function scoresOf(moments: Float64Array, draw: () => number) {
  let n = 0;
  let t = 0;
  let p = 0;
  let tt = 0;
  let pp = 0;
  let tp = 0;
  for (let i = 0; i < moments.length; i += sums) {
    const at = draw() * sums;
    n += moments[at]!;
    t += moments[at + 1]!;
    p += moments[at + 2]!;
    tt += moments[at + 3]!;
    pp += moments[at + 4]!;
    tp += moments[at + 5]!;
  }
  const error = tt - 2 * tp + pp;
  const spread = tt - (t * t) / n;
  const correlation = (tp - (t * p) / n) / Math.sqrt(spread * (pp - (p * p) / n));
  return { mse: error / n, r2: 1 - error / spread, pearson: correlation };
}
