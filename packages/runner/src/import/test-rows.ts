/** @file How many rows were tested, told from the accuracies: each is a whole number of rows over that count. */

/** More test rows than any published set has: beyond it the accuracies are no fractions of one count. */
const most = 2_000_000;

/**
 * Least common denominator of accuracies, null where they do not tell: too few different ones, or rounded.
 * Published files state a size that is not the number of rows used, so this is the only witness.
 */
export function testRowsOf(accuracies: readonly number[]): number | null {
  const different = [...new Set(accuracies)].filter((value) => value > 0 && value < 1);
  if (different.length < 3 || different.every(isRounded)) return null;
  let rows = 1;
  for (const value of different) {
    rows = leastCommonMultiple(rows, denominatorOf(value));
    if (rows > most) return null;
  }
  return rows;
}

/** 0.4375 may be 7/16 or a rounded number: six decimals or fewer are taken for rounded. */
function isRounded(value: number): boolean {
  return Number(value.toFixed(6)) === value;
}

/** Denominator of the simplest fraction that is this number, by continued fractions. */
function denominatorOf(value: number): number {
  const tolerance = Math.fround(value) === value ? 6e-8 : 1e-13;
  let [before, now] = [0, 1];
  let rest = value;
  while (Math.abs(Math.round(value * now) / now - value) > tolerance && now <= most) {
    rest = 1 / (rest - Math.floor(rest));
    [before, now] = [now, Math.floor(rest) * now + before];
  }
  return now;
}

function leastCommonMultiple(a: number, b: number): number {
  let [x, y] = [a, b];
  while (y !== 0) [x, y] = [y, x % y];
  return (a / x) * b;
}
