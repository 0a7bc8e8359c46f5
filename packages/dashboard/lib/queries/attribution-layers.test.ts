/** @file What a layer does with the words, by hand. */

import { expect, test } from "vitest";
import { isNoise, shareOf } from "./attribution-layers.ts";

const words = [-1, 0, 1, 1, -1];

test("takes the share of the absolute score that lies on words", () => {
  // (1 + 2 + 3) / (4 + 1 + 2 + 3 + 2)
  expect(shareOf([4, 1, 2, 3, 2], words, "words")).toBeCloseTo(0.5, 12);
  expect(shareOf([0, 0, 0, 0, 0], words, "words")).toBeNull();
});

test("takes exp(entropy) over the words as their share in effect", () => {
  // All alike: exp(ln 3) / 3. One alone: exp(0) / 3. Shares 1/2, 1/4, 1/4: entropy 1.5 ln 2.
  expect(shareOf([9, 2, 2, 2, 9], words, "spread")).toBeCloseTo(1, 12);
  expect(shareOf([9, 0, 5, 0, 9], words, "spread")).toBeCloseTo(1 / 3, 12);
  expect(shareOf([9, 2, 1, 1, 9], words, "spread")).toBeCloseTo(2 ** 1.5 / 3, 12);
  expect(shareOf([9, 0, 0, 0, 9], words, "spread")).toBeNull();
});

test("knows which layers hold noise instead of shares", () => {
  expect(isNoise({ label: "information" })).toBe(true);
  expect(isNoise({ label: "information steps=6" })).toBe(true);
  expect(isNoise({ label: "attention-tracing" })).toBe(false);
});
