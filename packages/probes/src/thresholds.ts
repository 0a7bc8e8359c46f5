/** @file R1's decision rule: score thresholds chosen on validation rows, for accuracy and F1 apart. */

import { accuracy, f1 } from "./metrics.ts";

/** Predicts class 1 above a score, or the same class for everything. */
export type Rule = { readonly above: number } | { readonly always: 0 | 1 };

/** One rule per metric, chosen independently of each other. */
export type Thresholds = { readonly accuracy: Rule; readonly f1: Rule };

/** Candidates between the lowest and the highest score; the highest itself is none. */
const steps = 20;

/**
 * Tries the scores min + i (max - min) / 20, i = 0 .. 19, and takes the first best for each metric. Where
 * all scores are equal, the better constant prediction is the rule.
 */
export function chooseThresholds(scores: ArrayLike<number>, truth: ArrayLike<number>): Thresholds {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < scores.length; i++) {
    low = Math.min(low, scores[i]!);
    high = Math.max(high, scores[i]!);
  }
  const candidates: readonly Rule[] =
    low < high
      ? Array.from({ length: steps }, (_, i) => ({ above: low + (i * (high - low)) / steps }))
      : [{ always: 0 }, { always: 1 }];
  const first = (metric: typeof accuracy) => {
    const values = candidates.map((rule) => metric(truth, applyRule(rule, scores)));
    return candidates[values.indexOf(Math.max(...values))]!;
  };
  return { accuracy: first(accuracy), f1: first(f1) };
}

/** Class 0 or 1 for every score. */
export function applyRule(rule: Rule, scores: ArrayLike<number>): Int32Array {
  return Int32Array.from({ length: scores.length }, (_, i) => {
    if ("always" in rule) return rule.always;
    return scores[i]! > rule.above ? 1 : 0;
  });
}
