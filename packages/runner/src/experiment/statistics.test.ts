import { expect, test } from "vitest";
import { resolveClassifier } from "./classifiers.ts";
import { defaultStatistics, expandClassifiers, statisticsOfSpec } from "./statistics.ts";

const lda = resolveClassifier("lda", 0);

test("crosses classifiers with training sizes and seeds", () => {
  const expanded = expandClassifiers([lda], { seeds: [0, 1], trainSizes: [50, 100] });
  expect(expanded.map(({ trainRows, seed, shown }) => [trainRows, seed, shown])).toEqual([
    [50, 0, "trainRows=50"],
    [50, 1, "trainRows=50"],
    [100, 0, "trainRows=100"],
    [100, 1, "trainRows=100"],
  ]);
  expect(new Set(expanded.map(({ key }) => key)).size).toBe(2);
});

test("leaves classifiers as they are where neither is asked for", () => {
  expect(expandClassifiers([lda], { seeds: [], trainSizes: [] })).toEqual([lda]);
});

test("refuses a value that is given twice", () => {
  expect(() => expandClassifiers([lda], { seeds: [3, 3], trainSizes: [] })).toThrow(
    "seeds: expected each value once, got 3 twice",
  );
});

test("only what is asked for changes a trial's spec", () => {
  expect(statisticsOfSpec({ ...defaultStatistics, bagOfWords: true })).toEqual({});
  expect(statisticsOfSpec({ ...defaultStatistics, control: true })).toEqual({ control: true });
});
