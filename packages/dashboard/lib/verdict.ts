/** @file What a paired test says of a point beside the best one; apart from the tests, for the browser needs no store. */

export type Verdict = {
  /** By how much the best is better. */
  readonly difference: number;
  /** Adjusted over all tests of the drawn lines; null where no test could be made. */
  readonly p: number | null;
  readonly distinguishable: boolean;
};

/** Adjusted p values from here on mean "not distinguishable". */
export const level = 0.05;

/** Stars of an adjusted p value, as papers set them. */
export function starsOf(p: number | null): string {
  if (p === null || p >= level) return "";
  return p < 0.001 ? "***" : p < 0.01 ? "**" : "*";
}
