/** @file Compares version numbers. */

/** True when a dotted version is this one or newer. */
export function atLeast(version: string, oldest: string): boolean {
  const parts = (text: string): readonly number[] => text.split(".").map(Number);
  const least = parts(oldest);
  const difference = parts(version)
    .map((part, i) => part - (least[i] ?? 0))
    .find((part) => part !== 0);
  return (difference ?? 0) >= 0;
}
