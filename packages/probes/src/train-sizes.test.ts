import { expect, test } from "vitest";
import { lda } from "./classifiers/lda.ts";
import { splitFolds } from "./folds.ts";
import { probe } from "./probe.ts";
import { createRandom } from "./random.ts";
import { limitTraining } from "./train-sizes.ts";

const random = createRandom(5);
const rows = 800;
const columns = 100;
const targets = Int32Array.from({ length: rows }, (_, i) => (i % 4 === 0 ? 1 : 0));
const folds = splitFolds(
  { kind: "stratified", k: 4, seed: 0 },
  { task: "classification", targets, classes: 2 },
);

test("keeps class shares, test rows, and what a smaller size kept", () => {
  const small = limitTraining(folds, { rows: 20, seed: 1, labels: targets });
  const large = limitTraining(folds, { rows: 100, seed: 1, labels: targets });
  for (const [i, { train, test: tested }] of small.entries()) {
    expect(train.length).toBe(20);
    expect(train.filter((row) => targets[row] === 1).length).toBe(5);
    const [more, all] = [new Set(large[i]?.train), new Set(folds[i]?.train)];
    expect(train.filter((row) => !more.has(row) || !all.has(row)).length).toBe(0);
    expect(tested).toBe(folds[i]?.test);
  }
  expect(limitTraining(folds, { rows: 1000, seed: 1, labels: targets })).toEqual(folds);
});

test("lda descends twice: it is worst where there are about as many training rows as features", async () => {
  const labels = Int32Array.from({ length: rows }, (_, i) => i % 2);
  const data = Float32Array.from(
    { length: rows * columns },
    (_, i) => random.normal() + 0.25 * (labels[Math.floor(i / columns)] ?? 0),
  );
  const rowsOf = { task: "classification", targets: labels, classes: 2 } as const;
  const halves = splitFolds({ kind: "stratified", k: 4, seed: 0 }, rowsOf);
  const features = { rows, columns, data };
  const accuracyAt = async (size: number) => {
    const limited = limitTraining(halves, { rows: size, seed: 2, labels });
    const { scores } = await probe({ features, folds: limited, ...rowsOf, seed: 0 }, lda, {});
    const values = scores.filter(({ metric }) => metric === "accuracy");
    return values.reduce((sum, { value }) => sum + value, 0) / values.length;
  };
  const [few, equal, many] = [await accuracyAt(50), await accuracyAt(100), await accuracyAt(600)];
  expect(equal).toBeLessThan(few - 0.05);
  expect(equal).toBeLessThan(many - 0.2);
});

test("repeated folds begin with those of one division, and test every row once a repeat", () => {
  const rowsOf = { task: "classification", targets, classes: 2 } as const;
  const repeated = splitFolds({ kind: "stratified", k: 4, seed: 0, repeats: 3 }, rowsOf);
  expect(repeated.length).toBe(12);
  expect(repeated.slice(0, 4)).toEqual(folds);
  expect(repeated.slice(4, 8)).not.toEqual(folds);
  for (const start of [0, 4, 8]) {
    const tested = repeated.slice(start, start + 4).flatMap(({ test: own }) => [...own]);
    expect(tested.sort((a, b) => a - b)).toEqual(Array.from({ length: rows }, (_, row) => row));
  }
});
