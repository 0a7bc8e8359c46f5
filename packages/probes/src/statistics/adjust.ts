/** @file P values of many tests, adjusted so that their errors are controlled together. */

/** Ways to adjust: Holm bounds the chance of any false star, Benjamini-Hochberg the expected share of false stars. */
export const corrections = {
  holm,
  bh: benjaminiHochberg,
  none: (p: readonly number[]) => p,
} as const;
export type Correction = keyof typeof corrections;

/** What a correction is called where people read it. */
export const correctionNames: Readonly<Record<Correction, string>> = {
  holm: "Holm",
  bh: "Benjamini-Hochberg",
  none: "no correction",
};

/** Holm's step-down adjustment, in the order given: max over smaller p of (m - rank) p, at most 1. */
export function holm(pValues: readonly number[]): readonly number[] {
  const adjusted = new Array<number>(pValues.length).fill(1);
  let largest = 0;
  for (const [rank, i] of ascending(pValues).entries()) {
    largest = Math.max(largest, Math.min(1, (pValues.length - rank) * (pValues[i] ?? 1)));
    adjusted[i] = largest;
  }
  return adjusted;
}

/** Benjamini and Hochberg's step-up adjustment, in the order given: min over larger p of m p / rank, at most 1. */
export function benjaminiHochberg(pValues: readonly number[]): readonly number[] {
  const adjusted = new Array<number>(pValues.length).fill(1);
  let smallest = 1;
  for (const [rank, i] of [...ascending(pValues).entries()].reverse()) {
    smallest = Math.min(smallest, (pValues.length * (pValues[i] ?? 1)) / (rank + 1));
    adjusted[i] = smallest;
  }
  return adjusted;
}

/** Positions from the smallest p value to the largest. */
function ascending(pValues: readonly number[]): readonly number[] {
  const wrong = pValues.find((p) => !(p >= 0 && p <= 1));
  if (wrong !== undefined) throw new Error(`p values: expected 0 to 1, got ${wrong}`);
  return pValues.map((_, i) => i).sort((a, b) => (pValues[a] ?? 1) - (pValues[b] ?? 1));
}
