/** @file Tails and quantiles of the distributions that tests refer to, beside Student's t of statistics.ts. */

import { incompleteBeta, logGamma } from "../statistics.ts";

/** P(Z ≤ z) for a standard normal. */
export function normalCdf(z: number): number {
  const tail = upperGamma(0.5, (z * z) / 2) / 2;
  return z > 0 ? 1 - tail : tail;
}

/** P(|Z| ≥ |z|), without the cancellation of 1 - cdf. */
export const normalTails = (z: number) => upperGamma(0.5, (z * z) / 2);

/** The z with P(Z ≤ z) = p, by bisection to rounding. */
export function normalQuantile(p: number): number {
  if (!(p > 0 && p < 1)) throw new Error(`normal quantile: expected 0 < p < 1, got ${p}`);
  if (p > 0.5) return -normalQuantile(1 - p);
  let low = -40;
  let high = 0;
  while (high - low > 1e-15 * Math.max(1, -low)) {
    const middle = (low + high) / 2;
    if (middle === low || middle === high) break;
    if (normalCdf(middle) < p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** P(X ≥ x) for a chi-square variable. */
export const chiSquareTail = (x: number, freedom: number) => upperGamma(freedom / 2, x / 2);

/** P(X ≤ k) for a binomial variable. */
export function binomialCdf(k: number, n: number, p: number): number {
  if (k < 0) return 0;
  if (k >= n) return 1;
  return incompleteBeta(1 - p, n - k, k + 1);
}

/** Regularised upper incomplete gamma function Q(a, x): DLMF 8.11.4 below a + 1, the continued fraction 8.9.2 above. */
export function upperGamma(a: number, x: number): number {
  if (x <= 0) return 1;
  const front = Math.exp(a * Math.log(x) - x - logGamma(a));
  if (x < a + 1) {
    let term = 1 / a;
    let sum = term;
    for (let n = 1; n < 10_000 && term > sum * 1e-17; n++) {
      term *= x / (a + n);
      sum += term;
    }
    return 1 - front * sum;
  }
  // Lentz's method, with tiny standing in for zero.
  const tiny = 1e-300;
  let b = x + 1 - a;
  let c = 1 / tiny;
  let d = 1 / b;
  let fraction = d;
  for (let n = 1; n < 10_000; n++) {
    const numerator = -n * (n - a);
    b += 2;
    d = 1 / (numerator * d + b || tiny);
    c = b + numerator / c || tiny;
    fraction *= c * d;
    if (Math.abs(c * d - 1) < 1e-16) break;
  }
  return front * fraction;
}
