/** @file Viridis: even in lightness, so that it reads in grey and with any kind of colour vision. */

/** Nine points of matplotlib's viridis. */
const viridis = [
  [68, 1, 84],
  [71, 44, 122],
  [59, 81, 139],
  [44, 113, 142],
  [33, 144, 141],
  [39, 173, 129],
  [92, 200, 99],
  [170, 220, 50],
  [253, 231, 37],
] as const;

/** Colour for a share from 0 to 1. */
export function viridisAt(share: number): string {
  return `rgb(${channels(share).map(Math.round).join(" ")})`;
}

/** The same for thin lines: without the end of the scale that is lost on a white or on a black ground. */
export function lineShadeAt(share: number): string {
  return `light-dark(${viridisAt(0.78 * share)}, ${viridisAt(0.22 + 0.78 * share)})`;
}

/** Black or white, whichever is easier to read on that colour. */
export function inkOn(share: number): string {
  const [red = 0, green = 0, blue = 0] = channels(share).map((channel) => {
    const part = channel / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179 ? "#101014" : "#ffffff";
}

function channels(share: number): readonly number[] {
  const position = Math.min(1, Math.max(0, share)) * (viridis.length - 1);
  const at = Math.min(viridis.length - 2, Math.floor(position));
  const [from, to] = [viridis[at] ?? viridis[0], viridis[at + 1] ?? viridis[0]];
  return from.map((channel, i) => channel + ((to[i] ?? 0) - channel) * (position - at));
}
