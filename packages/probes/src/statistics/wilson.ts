/** @file Wilson's interval of a share, which unlike the normal one never leaves 0 to 1. */

import { normalQuantile } from "./distributions.ts";

export type Interval = { readonly low: number; readonly high: number };

/** Wilson's score interval (1927), without continuity correction. */
export function wilsonInterval(right: number, items: number, confidence = 0.95): Interval {
  if (!(items > 0 && right >= 0 && right <= items)) {
    throw new Error(`wilson interval: expected 0 to ${items} of at least 1 item, got ${right}`);
  }
  const z = normalQuantile((1 + confidence) / 2);
  const share = right / items;
  const centre = share + (z * z) / (2 * items);
  const half = z * Math.sqrt((share * (1 - share)) / items + (z * z) / (4 * items * items));
  const scale = 1 + (z * z) / items;
  return {
    low: right === 0 ? 0 : (centre - half) / scale,
    high: right === items ? 1 : (centre + half) / scale,
  };
}
