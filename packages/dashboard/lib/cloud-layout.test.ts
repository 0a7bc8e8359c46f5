/** @file Words of a cloud never overlap, and stand where they stood before. */

import { expect, test } from "vitest";
import { cloudSize, cloudText, guessWidth, placeBoxes } from "./cloud-layout.ts";

const boxes = Array.from({ length: 60 }, (_, i) => {
  const size = cloudSize(60 - i, 60);
  return { width: guessWidth("w".repeat(1 + ((i * 7) % 23)), size), height: size };
});

test("keeps every pair of words apart, the first in the middle", () => {
  const places = placeBoxes(boxes);
  expect(places[0]).toEqual({ x: 0, y: 0 });
  for (const [i, a] of boxes.entries()) {
    for (const [j, b] of boxes.entries()) {
      if (j <= i) continue;
      const [p, q] = [places[i], places[j]];
      const apartX = Math.abs((p?.x ?? 0) - (q?.x ?? 0)) >= (a.width + b.width) / 2;
      const apartY = Math.abs((p?.y ?? 0) - (q?.y ?? 0)) >= (a.height + b.height) / 2;
      expect(apartX || apartY, `${i} and ${j}`).toBe(true);
    }
  }
});

test("places the same words the same way", () => {
  expect(placeBoxes(boxes)).toEqual(placeBoxes(boxes));
});

test("sizes follow the root of the weight: 11 at nothing, 36 at the most", () => {
  expect(cloudSize(0, 4)).toBe(11);
  expect(cloudSize(1, 4)).toBe(23.5); // 11 + 25 / 2
  expect(cloudSize(4, 4)).toBe(36);
});

test("cuts a word of 300 letters, counting emoji as one", () => {
  expect(Array.from(cloudText("a".repeat(300)))).toHaveLength(24);
  expect(cloudText("🙂".repeat(16))).toBe("🙂".repeat(16)); // 16 x 1.5 = 24
});
