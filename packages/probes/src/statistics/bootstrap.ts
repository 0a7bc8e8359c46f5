/** @file Bootstrap intervals over items: how far a score would move on other texts from the same source. */

import { createRandom, type Random } from "../random.ts";
import { drawMultinomial } from "./binomial-draw.ts";
import {
  type ConfusionMetric,
  confusionMetrics,
  confusionMetricsFor,
} from "./confusion-metrics.ts";
import { delongInterval } from "./delong.ts";
import { bcaShares, type ItemInterval, percentiles, tailShares } from "./item-interval.ts";
import { type ItemKind, itemKinds, type OutOfFold, timesTested } from "./out-of-fold.ts";
import { bootstrapRegression } from "./regression-bootstrap.ts";

export type BootstrapOptions = {
  readonly seed: number;
  /** Resamples, 1000 by default. */
  readonly replicates?: number;
  readonly confidence?: number;
  readonly method?: "percentile" | "bca";
};

/**
 * Intervals of every metric of the out-of-fold predictions. Items are drawn with replacement within each class, an
 * item with all of its predictions. AUC has DeLong's interval, the limit of its bootstrap, at a thousandth of the cost.
 */
export function itemIntervals(
  predictions: OutOfFold,
  { seed, replicates = 1000, confidence = 0.95, method = "percentile" }: BootstrapOptions,
): readonly ItemInterval[] {
  const random = createRandom(seed).fork("bootstrap");
  const options = { random, replicates, confidence, method };
  if (predictions.classes === 0) return bootstrapRegression(predictions, options);
  const auc = aucInterval(predictions, confidence);
  return [...bootstrapConfusion(predictions, options), ...(auc === null ? [] : [auc])];
}

type Drawing = Required<Omit<BootstrapOptions, "seed">> & { readonly random: Random };

/** Metrics of confusion counts: kinds of items are drawn, not items, which is the same distribution. */
function bootstrapConfusion(
  predictions: OutOfFold,
  { random, replicates, confidence, method }: Drawing,
): readonly ItemInterval[] {
  const { classes } = predictions;
  const kinds = itemKinds(predictions);
  if (kinds.length === 0) return [];
  const metrics = confusionMetricsFor(classes);
  const strata = byClass(kinds, classes);
  const ordered = strata.flatMap((stratum) => stratum.kinds);
  const drawn = new Float64Array(kinds.length);
  const values = metrics.map(() => new Float64Array(replicates));
  const counts = new Float64Array(classes * classes);
  for (let replicate = 0; replicate < replicates; replicate++) {
    for (const { start, sizes } of strata) {
      drawMultinomial(random, sizes, drawn.subarray(start, start + sizes.length));
    }
    fillCounts(counts, { kinds: ordered, drawn, classes });
    metrics.forEach((metric, m) => {
      values[m]![replicate] = confusionMetrics[metric]({ classes, counts });
    });
  }
  const sizes = Float64Array.from(ordered, ({ size }) => size);
  fillCounts(counts, { kinds: ordered, drawn: sizes, classes });
  return metrics.map((metric, m) => {
    const value = confusionMetrics[metric]({ classes, counts });
    const shares =
      method === "bca"
        ? bcaShares(values[m]!, {
            value,
            confidence,
            influence: influenceOf(metric, strata, classes),
          })
        : tailShares(confidence);
    return { metric, method, value, ...percentiles(values[m]!, shares) };
  });
}

type Stratum = {
  readonly start: number;
  readonly kinds: readonly ItemKind[];
  readonly sizes: Float64Array;
};

function byClass(kinds: readonly ItemKind[], classes: number): readonly Stratum[] {
  let start = 0;
  return Array.from({ length: classes }, (_, label) => {
    const own = kinds.filter(({ truth }) => truth === label);
    const stratum = { start, kinds: own, sizes: Float64Array.from(own, ({ size }) => size) };
    start += own.length;
    return stratum;
  }).filter((stratum) => stratum.kinds.length > 0);
}

type Weighted = {
  readonly kinds: readonly ItemKind[];
  /** Items of each kind. */
  readonly drawn: ArrayLike<number>;
  readonly classes: number;
};

function fillCounts(counts: Float64Array, { kinds, drawn, classes }: Weighted): void {
  counts.fill(0);
  for (let k = 0; k < kinds.length; k++) {
    const { truth, predicted } = kinds[k]!;
    for (const [label, times] of predicted) counts[truth * classes + label]! += times * drawn[k]!;
  }
}

/** Sums over items of the jackknife influences, cubed and squared; items of a kind share theirs. */
function influenceOf(metric: ConfusionMetric, strata: readonly Stratum[], classes: number) {
  const kinds = strata.flatMap((stratum) => stratum.kinds);
  const sizes = Float64Array.from(kinds, ({ size }) => size);
  const counts = new Float64Array(classes * classes);
  let cubes = 0;
  let squares = 0;
  for (const { start, sizes: own } of strata) {
    const items = own.reduce((sum, size) => sum + size, 0);
    if (items < 2) continue;
    const without = Float64Array.from(own, (_, i) => {
      const drawn = sizes.slice();
      drawn[start + i]! -= 1;
      fillCounts(counts, { kinds, drawn, classes });
      return confusionMetrics[metric]({ classes, counts });
    });
    const mean = without.reduce((sum, one, i) => sum + one * own[i]!, 0) / items;
    without.forEach((one, i) => {
      const influence = (items - 1) * (mean - one);
      cubes += (own[i]! * influence ** 3) / items ** 3;
      squares += (own[i]! * influence ** 2) / items ** 2;
    });
  }
  return { cubes, squares };
}

/** Null where scores are missing, one class only was tested, or some item was tested twice. */
function aucInterval(predictions: OutOfFold, confidence: number): ItemInterval | null {
  const { targets, classes, folds } = predictions;
  if (classes !== 2 || timesTested(targets.length, folds).some((times) => times > 1)) return null;
  const positive: number[] = [];
  const negative: number[] = [];
  for (const { test, scores } of folds) {
    if (!scores) return null;
    for (let i = 0; i < test.length; i++) {
      (targets[test[i]!] === 1 ? positive : negative).push(scores[i]!);
    }
  }
  const interval = delongInterval({ positive, negative }, confidence);
  return interval === null ? null : { metric: "auc", method: "delong", ...interval };
}
