/** @file Colours of signed scores, the same in the terminal and in HTML: orange for, blue against. */

/** Red, green and blue of a score as a share of the largest, -1 to 1; white is 0. */
export function scoreColour(share: number): readonly [number, number, number] {
  const strength = Math.min(Math.abs(share), 1);
  const end = share >= 0 ? [230, 120, 30] : [60, 130, 220];
  const [r, g, b] = end.map((channel) => Math.round(255 + (channel - 255) * strength));
  return [r!, g!, b!];
}

/** The largest absolute score among ordinary tokens, at least a tiny number. */
export function largestScore(scores: ArrayLike<number>, specials: ArrayLike<number>): number {
  let most = 0;
  for (let i = 0; i < scores.length; i++) {
    if (specials[i] !== 1) most = Math.max(most, Math.abs(scores[i]!));
  }
  return Math.max(most, 1e-12);
}
