/** @file Places the words of a cloud: the largest in the middle, the others on a spiral around it, none over another. */

import { shorten } from "./shorten.ts";

/** A word with the size of its box. */
export type CloudBox = { readonly width: number; readonly height: number };

/** Middle of a box relative to the middle of the cloud. */
export type Place = { readonly x: number; readonly y: number };

/** Width of a cloud divided by its height. */
const flat = 1.9;
/** Room between two boxes. */
const air = 3;

/**
 * A place for every box, in the order given; the same boxes get the same places. Boxes never overlap:
 * each walks outwards along an Archimedean spiral to the first place where it has room.
 */
export function placeBoxes(boxes: readonly CloudBox[]): readonly Place[] {
  const placed: (CloudBox & Place)[] = [];
  for (const [i, box] of boxes.entries()) {
    // Starting angles a golden angle apart fill every side evenly.
    const start = i * Math.PI * (3 - Math.sqrt(5));
    // Steps of about 4 along the spiral, whose arms are 7 apart.
    for (let angle = 0; ; angle += 4 / (1.1 * angle + 8)) {
      const radius = 1.1 * angle;
      // Rounded, since the last digits of a cosine differ between engines.
      const place = {
        x: Math.round(radius * flat * Math.cos(start + angle)),
        y: Math.round(radius * Math.sin(start + angle)),
      };
      const candidate = { ...box, ...place };
      if (placed.some((other) => overlaps(candidate, other))) continue;
      placed.push(candidate);
      break;
    }
  }
  return placed.map(({ x, y }) => ({ x, y }));
}

function overlaps(a: CloudBox & Place, b: CloudBox & Place): boolean {
  return (
    Math.abs(a.x - b.x) < (a.width + b.width) / 2 + air &&
    Math.abs(a.y - b.y) < (a.height + b.height) / 2 + air
  );
}

/** Font size of a weight: area follows it. */
export function cloudSize(weight: number, most: number): number {
  return Math.round((11 + 25 * Math.sqrt(Math.max(0, weight) / most)) * 10) / 10;
}

/** A word as it is drawn: a long one is cut. */
export const cloudText = (word: string): string => shorten(word, 24);

/** Width of a text before a browser has measured it: wide enough for most. */
export function guessWidth(text: string, size: number): number {
  return Math.ceil(Array.from(text).length * size * 0.62);
}
