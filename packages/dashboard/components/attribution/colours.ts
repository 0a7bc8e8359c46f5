/** @file Colours of signed scores: orange for, blue against, told apart by nearly everybody, in light and dark. */

/** Style sheet colour of a sign, and how strongly it is laid over the ground, 0 to 1. */
export function signColour(share: number): { readonly colour: string; readonly strength: number } {
  return {
    colour: share < 0 ? "var(--against)" : "var(--for)",
    strength: Math.round(Math.min(1, Math.abs(share)) * 1000) / 1000,
  };
}

/** Background of a word whose score is that share of the text's largest. */
export function wordGround(share: number): string {
  const { colour, strength } = signColour(share);
  return `color-mix(in srgb, ${colour} ${(strength * 100).toFixed(1)}%, transparent)`;
}

/** The largest |score| of some units, never 0. */
export function largestOf(scores: readonly number[]): number {
  return scores.reduce((most, score) => Math.max(most, Math.abs(score)), 1e-30);
}

/** A score of any size in about three digits, with a real minus sign. */
export function formatAmount(value: number | null): string {
  if (value === null) return "–";
  const size = Math.abs(value);
  const text =
    size === 0
      ? "0"
      : size >= 1000 || size < 0.0005
        ? value.toExponential(1)
        : value.toFixed(size >= 100 ? 1 : size >= 10 ? 2 : 3);
  return text.replaceAll("-", "−");
}
