/** @file McNemar's test: two classifiers on the same items, judged by the items that only one of them has right. */

import { binomialCdf, chiSquareTail } from "./distributions.ts";

/** Items that only one of two classifiers has right. */
export type Discordant = { readonly onlyFirst: number; readonly onlySecond: number };

export type McNemar = Discordant & {
  /** Two-sided. */
  readonly p: number;
  readonly method: "exact" | "chi-square";
};

/**
 * Exact (binomial, twice the smaller tail) or the continuity-corrected chi-square
 * (|b - c| - 1)² / (b + c) by Edwards.
 */
export function mcnemar(
  { onlyFirst, onlySecond }: Discordant,
  method: McNemar["method"] = "exact",
): McNemar {
  const total = onlyFirst + onlySecond;
  const counts = { onlyFirst, onlySecond };
  if (total === 0) return { ...counts, p: 1, method };
  if (method === "exact") {
    const p = Math.min(1, 2 * binomialCdf(Math.min(onlyFirst, onlySecond), total, 0.5));
    return { ...counts, p, method };
  }
  const statistic = Math.max(0, Math.abs(onlyFirst - onlySecond) - 1) ** 2 / total;
  return { ...counts, p: chiSquareTail(statistic, 1), method };
}

/** Counts the items that only one of two has right. */
export function countDiscordant(
  firstRight: ArrayLike<number | boolean>,
  secondRight: ArrayLike<number | boolean>,
): Discordant {
  if (firstRight.length !== secondRight.length) {
    throw new Error(
      `mcnemar: expected the same items, got ${firstRight.length} and ${secondRight.length}`,
    );
  }
  let onlyFirst = 0;
  let onlySecond = 0;
  for (let i = 0; i < firstRight.length; i++) {
    if (firstRight[i] && !secondRight[i]) onlyFirst++;
    if (!firstRight[i] && secondRight[i]) onlySecond++;
  }
  return { onlyFirst, onlySecond };
}
