/** @file Metrics from counts of (true class, predicted class), so that resampled counts can be scored without items. */

import type { Metric } from "../metrics.ts";

/** Counts [true class, predicted class], row-major. */
export type Confusion = { readonly classes: number; readonly counts: Float64Array };

/** Metrics that need nothing but the confusion counts; they agree with those of metrics.ts. */
export const confusionMetrics = {
  accuracy: ({ classes, counts }) => diagonal(counts, classes) / total(counts),
  f1: (confusion) => f1Of(confusion, 1) ?? 0,
  macroF1: (confusion) => meanOf(confusion, f1Of),
  balancedAccuracy: (confusion) => meanOf(confusion, recallOf),
  matthews,
} as const satisfies Partial<Record<Metric, (confusion: Confusion) => number>>;

export type ConfusionMetric = keyof typeof confusionMetrics;

/** Those that have a value for this number of classes. */
export function confusionMetricsFor(classes: number): readonly ConfusionMetric[] {
  const names = Object.keys(confusionMetrics) as ConfusionMetric[];
  return names.filter((name) => name !== "f1" || classes === 2);
}

/** Mean over the classes that have a value. */
function meanOf(
  confusion: Confusion,
  scoreOf: (confusion: Confusion, label: number) => number | null,
): number {
  let sum = 0;
  let present = 0;
  for (let label = 0; label < confusion.classes; label++) {
    const value = scoreOf(confusion, label);
    if (value === null) continue;
    sum += value;
    present++;
  }
  return sum / present;
}

/** Null where a class is neither true nor predicted anywhere. */
function f1Of(confusion: Confusion, label: number): number | null {
  const actual = actualOf(confusion, label);
  const claimed = claimedOf(confusion, label);
  if (actual + claimed === 0) return null;
  return (2 * confusion.counts[label * confusion.classes + label]!) / (actual + claimed);
}

/** Null where a class does not occur. */
function recallOf(confusion: Confusion, label: number): number | null {
  const actual = actualOf(confusion, label);
  return actual === 0 ? null : confusion.counts[label * confusion.classes + label]! / actual;
}

function matthews(confusion: Confusion): number {
  const { classes, counts } = confusion;
  const rows = total(counts);
  let both = 0;
  let actuals = 0;
  let claims = 0;
  for (let label = 0; label < classes; label++) {
    const actual = actualOf(confusion, label);
    const claimed = claimedOf(confusion, label);
    both += actual * claimed;
    actuals += actual ** 2;
    claims += claimed ** 2;
  }
  const scale = Math.sqrt(rows ** 2 - claims) * Math.sqrt(rows ** 2 - actuals);
  return scale === 0 ? 0 : (diagonal(counts, classes) * rows - both) / scale;
}

function actualOf({ classes, counts }: Confusion, label: number): number {
  let sum = 0;
  for (let other = 0; other < classes; other++) sum += counts[label * classes + other]!;
  return sum;
}

function claimedOf({ classes, counts }: Confusion, label: number): number {
  let sum = 0;
  for (let other = 0; other < classes; other++) sum += counts[other * classes + label]!;
  return sum;
}

function diagonal(counts: Float64Array, classes: number): number {
  let sum = 0;
  for (let label = 0; label < classes; label++) sum += counts[label * classes + label]!;
  return sum;
}

function total(counts: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < counts.length; i++) sum += counts[i]!;
  return sum;
}
