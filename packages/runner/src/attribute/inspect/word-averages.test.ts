/** @file Ranked means are means of as many scores as were asked for. */

import { expect, it } from "vitest";
import { createAverages } from "./word-averages.ts";

it("ranks words by the mean of their scores of one sign, where there are enough of these", () => {
  const averages = createAverages();
  const say = (text: string, ...scores: readonly number[]) =>
    averages.add(
      "a",
      scores.map((score) => ({ text, score })),
    );
  say("strong", 2, 4, -1);
  say("lucky", 9, -1, -1, -1); // for the class once, however often it occurs
  say("weak", 0.5, 0.25, 0);
  say("against", -3, -5);
  expect(averages.rank("a", "positive", { least: 2, top: 9 })).toEqual({
    least: 2,
    words: [
      { token: "strong", score: 3, count: 2 },
      { token: "weak", score: 0.375, count: 2 },
    ],
  });
  expect(averages.rank("a", "negative", { least: 2, top: 1 }).words).toEqual([
    { token: "against", score: -4, count: 2 },
  ]);
});

it("takes the most that there are where no word has as many, and says so", () => {
  const averages = createAverages();
  averages.add("a", [
    { text: "x", score: 1 },
    { text: "x", score: 2 },
    { text: "y", score: 9 },
  ]);
  expect(averages.rank("a", "positive", { least: 5, top: 9 })).toEqual({
    least: 2,
    words: [{ token: "x", score: 1.5, count: 2 }],
  });
  expect(averages.rank("none", "positive", { least: 5, top: 9 }).words).toEqual([]);
});
