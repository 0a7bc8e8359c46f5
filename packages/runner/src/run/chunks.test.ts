import { expect, test } from "vitest";
import { chunkTexts } from "./chunks.ts";

const texts = Array.from({ length: 1000 }, (_, i) => "word ".repeat(1 + ((i * 37) % 100)));
const small = { layers: 2, width: 32, maxTokens: 512 };

test("puts every text into one chunk, the longest first", () => {
  const { chunks } = chunkTexts({ texts, textPairs: null }, small);
  expect(chunks.flatMap((rows) => [...rows]).sort((a, b) => a - b)).toEqual([...texts.keys()]);
  const longest = chunks.map((rows) => Math.max(...Array.from(rows, (row) => texts[row]!.length)));
  expect(longest).toEqual(longest.toSorted((a, b) => b - a));
});

test("makes several chunks of a small dataset, and smaller ones for a larger model", () => {
  const few = chunkTexts({ texts, textPairs: null }, small).chunks.length;
  const large = { layers: 24, width: 1024, maxTokens: 512 };
  const many = chunkTexts({ texts, textPairs: null }, large).chunks.length;
  expect(few).toBeGreaterThanOrEqual(8);
  expect(many).toBeGreaterThan(2 * few);
});

test("counts both texts of a pair, up to what the model takes", () => {
  const pair = { texts: ["a".repeat(400), "b"], textPairs: ["c".repeat(398), "d"] };
  expect(chunkTexts(pair, { ...small, maxTokens: 100 }).work).toEqual([100 + 3]);
});
