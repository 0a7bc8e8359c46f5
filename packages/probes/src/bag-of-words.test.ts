import { expect, test } from "vitest";
import { countWords, scoreBagOfWords } from "./bag-of-words.ts";
import { splitFolds } from "./folds.ts";

test("counts the words that are in the most texts", () => {
  // "b" is in three texts, "a" and "c" in two, "d" in one; of equals the first in the alphabet.
  const { columns, data } = countWords(["a b B", "b, c!", "a c b d"], 3);
  expect(columns).toBe(3);
  expect([...data]).toEqual([2, 1, 0, 1, 0, 1, 1, 1, 1]);
});

test("reads what words tell", async () => {
  const texts = Array.from({ length: 60 }, (_, i) => `${i % 2 ? "good" : "bad"} film ${i}`);
  const targets = Int32Array.from(texts, (_, i) => i % 2);
  const rows = { task: "classification", targets, classes: 2 } as const;
  const folds = splitFolds({ kind: "stratified", k: 3, seed: 0 }, rows);
  const scores = await scoreBagOfWords({ texts, rows, folds });
  expect(scores.filter(({ metric }) => metric === "accuracy").map(({ value }) => value)).toEqual([
    1, 1, 1,
  ]);
});
