/** @file Scores of predictions: one number per metric, or null where a metric has no value. */

/** Every metric; the table says for which tasks, and which way is better. */
export const metrics = {
  accuracy: { task: "classification", better: "higher" },
  f1: { task: "classification", better: "higher" },
  macroF1: { task: "classification", better: "higher" },
  balancedAccuracy: { task: "classification", better: "higher" },
  matthews: { task: "classification", better: "higher" },
  auc: { task: "classification", better: "higher" },
  mse: { task: "regression", better: "lower" },
  r2: { task: "regression", better: "higher" },
  pearson: { task: "regression", better: "higher" },
  spearman: { task: "regression", better: "higher" },
} as const satisfies Record<
  string,
  { readonly task: "classification" | "regression"; readonly better: "higher" | "lower" }
>;

export type Metric = keyof typeof metrics;
type Numbers = ArrayLike<number>;

/** Counts [true class, predicted class], row-major. */
function confusion(truth: Numbers, predicted: Numbers, classes: number): Float64Array {
  const counts = new Float64Array(classes * classes);
  for (let i = 0; i < truth.length; i++) counts[truth[i]! * classes + predicted[i]!]! += 1;
  return counts;
}

/** Per class: rows that truly belong to it, rows predicted as it, rows that are both. */
function margins(truth: Numbers, predicted: Numbers, classes: number) {
  const counts = confusion(truth, predicted, classes);
  return Array.from({ length: classes }, (_, k) => {
    let actual = 0;
    let claimed = 0;
    for (let other = 0; other < classes; other++) {
      actual += counts[k * classes + other]!;
      claimed += counts[other * classes + k]!;
    }
    return { actual, claimed, right: counts[k * classes + k]! };
  });
}

/** Share of rows predicted right. */
export function accuracy(truth: Numbers, predicted: Numbers): number {
  let right = 0;
  for (let i = 0; i < truth.length; i++) if (truth[i] === predicted[i]) right += 1;
  return right / truth.length;
}

/** F1 of class 1; 0 where there is neither a true nor a predicted row of it. */
export function f1(truth: Numbers, predicted: Numbers): number {
  const { actual, claimed, right } = margins(truth, predicted, 2)[1]!;
  return actual + claimed === 0 ? 0 : (2 * right) / (actual + claimed);
}

/** Mean F1 of the classes that occur in the truth or the predictions. */
export function macroF1(truth: Numbers, predicted: Numbers, classes: number): number {
  const present = margins(truth, predicted, classes).filter((m) => m.actual + m.claimed > 0);
  const sum = present.reduce((total, m) => total + (2 * m.right) / (m.actual + m.claimed), 0);
  return sum / present.length;
}

/** Mean recall of the classes that occur in the truth. */
export function balancedAccuracy(truth: Numbers, predicted: Numbers, classes: number): number {
  const present = margins(truth, predicted, classes).filter((m) => m.actual > 0);
  return present.reduce((total, m) => total + m.right / m.actual, 0) / present.length;
}

/** Matthews correlation for any number of classes (Gorodkin's R_K); 0 where it is undefined. */
export function matthews(truth: Numbers, predicted: Numbers, classes: number): number {
  const rows = truth.length;
  let right = 0;
  let both = 0;
  let actual = 0;
  let claimed = 0;
  for (const m of margins(truth, predicted, classes)) {
    right += m.right;
    both += m.actual * m.claimed;
    actual += m.actual ** 2;
    claimed += m.claimed ** 2;
  }
  const scale = Math.sqrt(rows ** 2 - claimed) * Math.sqrt(rows ** 2 - actual);
  return scale === 0 ? 0 : (right * rows - both) / scale;
}

/** Area under the ROC curve of class 1, ties counting half; null where only one class occurs. */
export function auc(truth: Numbers, scores: Numbers): number | null {
  const ranks = averageRanks(scores);
  let positives = 0;
  let sum = 0;
  for (let i = 0; i < truth.length; i++) {
    if (truth[i] !== 1) continue;
    positives += 1;
    sum += ranks[i]!;
  }
  const negatives = truth.length - positives;
  if (positives === 0 || negatives === 0) return null;
  return (sum - (positives * (positives + 1)) / 2) / (positives * negatives);
}

/** Mean squared error. */
export function mse(truth: Numbers, predicted: Numbers): number {
  let sum = 0;
  for (let i = 0; i < truth.length; i++) sum += (truth[i]! - predicted[i]!) ** 2;
  return sum / truth.length;
}

/** 1 - squared error over the variance; of a constant truth, 1 if it was met and 0 if not. */
export function r2(truth: Numbers, predicted: Numbers): number {
  const centre = mean(truth);
  let spread = 0;
  for (let i = 0; i < truth.length; i++) spread += (truth[i]! - centre) ** 2;
  const error = mse(truth, predicted) * truth.length;
  if (spread === 0) return error === 0 ? 1 : 0;
  return 1 - error / spread;
}

/** Pearson correlation; null where either side is constant. */
export function pearson(a: Numbers, b: Numbers): number | null {
  const [meanA, meanB] = [mean(a), mean(b)];
  let ab = 0;
  let aa = 0;
  let bb = 0;
  for (let i = 0; i < a.length; i++) {
    const [da, db] = [a[i]! - meanA, b[i]! - meanB];
    ab += da * db;
    aa += da * da;
    bb += db * db;
  }
  if (isConstant(a) || isConstant(b)) return null;
  const scale = Math.sqrt(aa) * Math.sqrt(bb);
  return scale === 0 ? null : Math.max(-1, Math.min(1, ab / scale));
}

/** Spearman correlation: Pearson's of the ranks, ties sharing their average. */
export const spearman = (a: Numbers, b: Numbers) => pearson(averageRanks(a), averageRanks(b));

function isConstant(values: Numbers): boolean {
  for (let i = 1; i < values.length; i++) if (values[i] !== values[0]) return false;
  return true;
}

function mean(values: Numbers): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum / values.length;
}

/** Ranks from 1, equal values sharing the average of theirs. */
export function averageRanks(values: Numbers): Float64Array {
  const order = Uint32Array.from({ length: values.length }, (_, i) => i);
  order.sort((i, j) => values[i]! - values[j]!);
  const ranks = new Float64Array(values.length);
  for (let start = 0; start < order.length; ) {
    let end = start + 1;
    while (end < order.length && values[order[end]!] === values[order[start]!]) end += 1;
    for (let i = start; i < end; i++) ranks[order[i]!] = (start + 1 + end) / 2;
    start = end;
  }
  return ranks;
}
