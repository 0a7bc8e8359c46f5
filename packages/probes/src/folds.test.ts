/** @file Folds partition the rows, keep class shares and groups, and say clearly what they cannot do. */

import { expect, it } from "vitest";
import { type Fold, type Rows, splitFolds } from "./folds.ts";

const labels = Int32Array.from({ length: 103 }, (_, i) => (i % 10 < 6 ? 0 : i % 10 < 9 ? 1 : 2));
const rows: Rows = { task: "classification", targets: labels, classes: 3 };

function expectPartition(folds: readonly Fold[], count: number): void {
  const tested = folds.flatMap(({ test }) => [...test]).sort((a, b) => a - b);
  expect(tested).toEqual(Array.from({ length: count }, (_, i) => i));
  for (const { train, validation, test } of folds) {
    const all = [...train, ...validation, ...test].sort((a, b) => a - b);
    expect(all).toEqual(Array.from({ length: count }, (_, i) => i));
  }
}

it("deals every class and every fold out evenly, as scikit-learn's StratifiedKFold", () => {
  const folds = splitFolds({ kind: "stratified", k: 5, seed: 1 }, rows);
  expectPartition(folds, 103);
  const counts = folds.map(({ test }) =>
    [0, 1, 2].map((k) => [...test].filter((row) => labels[row] === k).length),
  );
  // 63, 30 and 10 rows. StratifiedKFold(5): the sorted labels are dealt 0 1 2 3 4 0 1 ..., so class 0 gives
  // 13 13 13 12 12, class 1 6 each, and class 2 two each.
  expect(counts).toEqual([
    [13, 6, 2],
    [13, 6, 2],
    [13, 6, 2],
    [12, 6, 2],
    [12, 6, 2],
  ]);
});

it("gives the same folds for the same seed and others for another", () => {
  const spec = { kind: "stratified", k: 5 } as const;
  expect(splitFolds({ ...spec, seed: 1 }, rows)).toEqual(splitFolds({ ...spec, seed: 1 }, rows));
  expect(splitFolds({ ...spec, seed: 2 }, rows)[0]!.test).not.toEqual(
    splitFolds({ ...spec, seed: 1 }, rows)[0]!.test,
  );
});

it("sets a share of every class aside for validation where asked", () => {
  const folds = splitFolds({ kind: "stratified", k: 5, seed: 1, validation: 0.1 }, rows);
  expectPartition(folds, 103);
  // Fold 0 trains on 50, 24 and 8 rows of the classes: 5, 2 and 1 of them validate.
  const counts = [0, 1, 2].map(
    (k) => [...folds[0]!.validation].filter((row) => labels[row] === k).length,
  );
  expect(counts).toEqual([5, 2, 1]);
});

it("never has a group on both sides, and keeps folds and classes even", () => {
  const groups = Int32Array.from({ length: 400 }, (_, i) => (i < 60 ? 0 : i < 90 ? 1 : i >> 1));
  const targets = Int32Array.from({ length: 400 }, (_, i) => Number((i * 7) % 5 < 2));
  const data: Rows = { task: "classification", targets, classes: 2, groups };
  for (const validation of [0, 0.2]) {
    const folds = splitFolds({ kind: "grouped", k: 4, seed: 3, validation }, data);
    expectPartition(folds, 400);
    for (const fold of folds) {
      const parts = [fold.train, fold.validation, fold.test].map(
        (part) => new Set([...part].map((row) => groups[row])),
      );
      const shared = [...parts[0]!].filter((group) => parts[1]!.has(group) || parts[2]!.has(group));
      expect(shared).toEqual([]);
      expect(Math.abs(fold.test.length - 100)).toBeLessThanOrEqual(4);
      const positives = [...fold.test].filter((row) => targets[row] === 1).length;
      expect(Math.abs(positives / fold.test.length - 0.4)).toBeLessThan(0.05);
    }
  }
});

it("resamples as R1 does: ⌊0.2 n⌋ test, ⌊0.1 n⌋ validation, the rest train, afresh each time", () => {
  const folds = splitFolds({ kind: "resampled", n: 3, seed: 1 }, rows);
  for (const { train, validation, test } of folds) {
    expect([train.length, validation.length, test.length]).toEqual([73, 10, 20]);
    expect(new Set([...train, ...validation, ...test]).size).toBe(103);
  }
  expect(folds[0]!.test).not.toEqual(folds[1]!.test);
});

it("takes fixed parts as they come", () => {
  const parts = Uint8Array.of(1, 3, 2, 1, 3);
  const targets = Int32Array.of(0, 0, 1, 1, 1);
  const [fold] = splitFolds(
    { kind: "fixed" },
    { task: "classification", targets, classes: 2, parts },
  );
  expect(fold).toEqual({
    train: Uint32Array.of(0, 3),
    validation: Uint32Array.of(2),
    test: Uint32Array.of(1, 4),
  });
});

it("splits regression targets into folds of equal size", () => {
  const targets = Float32Array.from({ length: 23 }, (_, i) => i / 7);
  const folds = splitFolds(
    { kind: "stratified", k: 5, seed: 1 },
    { task: "regression", targets, classes: 0 },
  );
  expectPartition(folds, 23);
  expect(folds.map(({ test }) => test.length)).toEqual([5, 5, 5, 4, 4]);
});

it("says clearly which folds cannot be made", () => {
  const attempt = (k: number, changes: Partial<Rows> = {}) => {
    return () => splitFolds({ kind: "stratified", k, seed: 1 }, { ...rows, ...changes });
  };
  expect(attempt(104)).toThrow(
    "folds: expected at most as many folds as rows, got k = 104 for 103 rows",
  );
  expect(attempt(1)).toThrow("folds: expected k of at least 2, got 1");
  expect(attempt(11)).toThrow(
    "folds: expected at least 11 rows of every class for 11 folds, got 10 of class 2",
  );
  expect(attempt(2, { targets: new Int32Array(103) })).toThrow(
    "folds: expected at least 2 classes, got 1 in 103 rows",
  );
});

it("says clearly that groups or parts are missing", () => {
  expect(() => splitFolds({ kind: "grouped", k: 2, seed: 1 }, rows)).toThrow(
    "grouped folds need groups",
  );
  expect(() => splitFolds({ kind: "fixed" }, rows)).toThrow(
    "fixed folds need data that comes in parts",
  );
});
