/** @file Colours, dashes and marks of lines: told apart without colour too. */

/** Colour of the n-th line, from the style sheet; repeats after eight, then dashed. */
export function lineColour(place: number): string {
  return `var(--line-${(place % 8) + 1})`;
}

/** Dash pattern of the n-th line; the first eight are solid. */
export function lineDash(place: number): string {
  return ["none", "6 3", "2 3"][Math.floor(place / 8)] ?? "none";
}
