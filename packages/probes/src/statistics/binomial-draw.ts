/** @file Draws of binomial and multinomial counts, so that resampling 10,000 items costs a few steps per kind of item. */

import type { Random } from "../random.ts";
import { logGamma } from "../statistics.ts";

/**
 * A binomial count by inversion: walks outward from the mode, so a draw takes about 2 standard deviations of steps.
 * Exact to rounding for any n.
 */
export function drawBinomial(random: Random, n: number, p: number): number {
  if (n <= 0 || p <= 0) return 0;
  if (p >= 1) return n;
  const odds = p / (1 - p);
  const mode = Math.min(n, Math.floor((n + 1) * p));
  const peak = Math.exp(
    logFactorial(n) -
      logFactorial(mode) -
      logFactorial(n - mode) +
      mode * Math.log(p) +
      (n - mode) * Math.log1p(-p),
  );
  let left = random.next() - peak;
  let down = mode;
  let up = mode;
  let downShare = peak;
  let upShare = peak;
  while (left >= 0 && (down > 0 || up < n)) {
    if (up < n) {
      upShare *= ((n - up) / (up + 1)) * odds;
      up += 1;
      left -= upShare;
      if (left < 0) return up;
    } else upShare = 0;
    if (down > 0) {
      downShare *= down / (n - down + 1) / odds;
      down -= 1;
      left -= downShare;
      if (left < 0) return down;
    } else downShare = 0;
    // What rounding has left over belongs to neither tail.
    if (upShare + downShare < 1e-18 * peak) break;
  }
  return mode;
}

/** Counts of each kind among `total` draws with replacement, kinds weighing as their `sizes`; written to `into`. */
export function drawMultinomial(
  random: Random,
  sizes: ArrayLike<number>,
  into: Float64Array,
): void {
  let total = 0;
  for (let k = 0; k < sizes.length; k++) total += sizes[k]!;
  let left = total;
  let weight = total;
  for (let k = 0; k < sizes.length; k++) {
    const size = sizes[k]!;
    const drawn = weight <= size ? left : drawBinomial(random, left, size / weight);
    into[k] = drawn;
    left -= drawn;
    weight -= size;
  }
}

const factorials: number[] = [0];

/** ln n!, remembered: resampling asks for the same few thousand again and again. */
function logFactorial(n: number): number {
  if (n >= 1_000_000) return logGamma(n + 1);
  for (let k = factorials.length; k <= n; k++) factorials.push(factorials[k - 1]! + Math.log(k));
  return factorials[n]!;
}
