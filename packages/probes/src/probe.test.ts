/** @file Probing whole: every classifier learns, own classifiers work, what cannot be probed is refused. */

import { expect, it } from "vitest";
import { type Matrix, matrix } from "./array.ts";
import { baselineScores } from "./baselines.ts";
import type { Classifier } from "./classifiers/classifier.ts";
import { customClassifier } from "./classifiers/custom.ts";
import { classifiers } from "./classifiers/index.ts";
import { splitFolds } from "./folds.ts";
import { add, matMul, tanh } from "./graph/index.ts";
import { type ProbeData, probe } from "./probe.ts";
import { createRandom } from "./random.ts";

const table: Readonly<Record<string, Classifier>> = classifiers;

/** Rows around class centres (or on a plane) that a linear probe tells apart almost always. */
function example(
  classes: number,
  rows = 240,
  columns = 10,
): ProbeData & { readonly features: Matrix } {
  const random = createRandom(`example ${classes}`);
  const centres = Array.from(
    { length: Math.max(classes, 1) * columns },
    () => 1.5 * random.normal(),
  );
  const targets = new Float32Array(rows);
  const data = new Float32Array(rows * columns);
  for (let i = 0; i < rows; i++) {
    const label = classes === 0 ? 0 : i % classes;
    for (let j = 0; j < columns; j++)
      data[i * columns + j] = random.normal() + centres[label * columns + j]!;
    targets[i] =
      classes === 0
        ? data[i * columns]! - 0.5 * data[i * columns + 1]! + 0.1 * random.normal()
        : label;
  }
  const known =
    classes === 0
      ? ({ task: "regression", targets, classes } as const)
      : ({ task: "classification", targets: Int32Array.from(targets), classes } as const);
  const folds = splitFolds({ kind: "stratified", k: 4, seed: 1, validation: 0.1 }, known);
  return { ...known, folds, features: matrix(rows, columns, data), seed: 1 };
}

const meanOf = (found: Awaited<ReturnType<typeof probe>>, metric: string) => {
  const values = found.scores.filter((score) => score.metric === metric).map(({ value }) => value);
  expect(values.length).toBe(4);
  return values.reduce((sum, value) => sum + value, 0) / 4;
};

const cases = Object.entries(table).flatMap(([name, { tasks }]) => [
  ...(tasks.includes("classification") ? [[name, 2] as const, [name, 3] as const] : []),
  ...(tasks.includes("regression") ? [[name, 0] as const] : []),
]);

it.each(cases)("%s learns a task of %i classes (0: regression)", async (name, classes) => {
  const trained = table[name]!.options.safeParse({ epochs: 30 }).success;
  const hidden = { "double-layer": 16, glu: 16, mlp: [16, 16] }[name];
  const sized = hidden === undefined ? {} : { hidden };
  const own = name === "pca" ? { components: 10 } : {};
  const options = trained ? { epochs: 30, batch: 16, learningRate: 0.01, ...sized } : own;
  const composition = { kind: "layers", layers: [0] } as const; // read by scalar-mix alone
  const found = await probe({ ...example(classes), composition }, table[name]!, options);
  const smooth = name !== "knn" && name !== "random-forest";
  if (classes === 0) expect(meanOf(found, "r2")).toBeGreaterThan(smooth ? 0.9 : 0.6);
  else expect(meanOf(found, "accuracy")).toBeGreaterThan(0.93);
  expect(found.flags).toEqual([]);
  expect(found.losses.length).toBe(trained ? 4 * 3 * 30 : 0);
});

it.each(["lda", "logistic", "single-layer", "mlp"])(
  "%s gives the same scores again",
  async (name) => {
    const options = name === "lda" || name === "logistic" ? {} : { epochs: 3 };
    const first = await probe(example(2), table[name]!, options);
    expect(await probe(example(2), table[name]!, options)).toEqual(first);
  },
);

it("refuses features that are not numbers, by name", async () => {
  const data = example(2);
  const broken = data.features.data.slice();
  broken[25] = Number.NaN;
  const features: Matrix = { ...data.features, data: broken };
  await expect(probe({ ...data, features }, classifiers.lda, {})).rejects.toThrow(
    "features: expected finite numbers, got NaN in row 2, column 5",
  );
});

it("refuses a task the classifier is not for", async () => {
  await expect(probe(example(0), classifiers.lda, {})).rejects.toThrow(
    "probe: this classifier is for classification, got a regression",
  );
});

it("refuses a fold with one class to train on", async () => {
  const data = example(2);
  const rows = (wanted: number) => Uint32Array.from({ length: 60 }, (_, i) => 2 * i + wanted);
  const folds = [{ train: rows(0), validation: new Uint32Array(0), test: rows(1) }];
  for (const name of ["lda", "logistic", "gaussian-nb", "single-layer"]) {
    await expect(probe({ ...data, folds }, table[name]!, {})).rejects.toThrow(
      "fold 0: expected at least 2 classes to train on, got 1",
    );
  }
});

it("leaves out an AUC that has no value and says so", async () => {
  const data = example(2);
  const folds = data.folds.map((fold, f) =>
    f === 1 ? { ...fold, test: fold.test.filter((row) => row % 2 === 1) } : fold,
  );
  const found = await probe({ ...data, folds }, classifiers.lda, {});
  expect(found.flags).toEqual(["auc has no value in fold 1"]);
  expect(found.scores.filter(({ metric }) => metric === "auc").map(({ fold }) => fold)).toEqual([
    0, 2, 3,
  ]);
});

it("flags folds that did not converge", async () => {
  const found = await probe(example(3), classifiers.logistic, { iterations: 2 });
  expect(found.flags).toEqual(["not converged in folds 0, 1, 2, 3"]);
});

it("predicts by R1's thresholds where asked, and needs validation rows for it", async () => {
  const data = example(2);
  const found = await probe(data, classifiers.lda, { rule: "thresholds" });
  expect(meanOf(found, "accuracy")).toBeGreaterThan(0.9);
  const folds = data.folds.map((fold) => ({ ...fold, validation: new Uint32Array(0) }));
  await expect(probe({ ...data, folds }, classifiers.lda, { rule: "thresholds" })).rejects.toThrow(
    'rule "thresholds": expected validation rows in fold 0, got none',
  );
});

it("takes a classifier of one's own with fit and predict", async () => {
  const own = customClassifier({
    name: "first feature",
    fit(x, y) {
      const sums = [0, 0];
      const counts = [0, 0];
      y.forEach((label, i) => {
        sums[label]! += x.data[i * x.columns]!;
        counts[label]! += 1;
      });
      const middle = (sums[0]! / counts[0]! + sums[1]! / counts[1]!) / 2;
      const up = sums[1]! / counts[1]! > middle;
      return (test) =>
        Int32Array.from({ length: test.rows }, (_, i) =>
          Number(test.data[i * test.columns]! > middle === up),
        );
    },
  });
  const data = example(2);
  const found = await probe(data, own, {});
  const { features, targets } = data;
  // The same rule over all rows at once: the folds' means differ little.
  const values = Array.from(targets, (label, i) => ({ label, value: features.data[i * 10]! }));
  const mean = (label: number) =>
    values.filter((v) => v.label === label).reduce((sum, v) => sum + v.value, 0) / 120;
  const middle = (mean(0) + mean(1)) / 2;
  const right = values.filter(
    (v) => (v.value > middle === (v.label === 1)) === mean(1) > middle,
  ).length;
  expect(Math.abs(meanOf(found, "accuracy") - right / 240)).toBeLessThan(0.04);
});

it("takes scores of one's own and refuses a wrong number of predictions", async () => {
  const scored = customClassifier({
    name: "scored",
    fit: () => (x) => Float32Array.from({ length: x.rows * 3 }, (_, i) => Number(i % 3 === 1)),
  });
  expect(meanOf(await probe(example(3), scored, {}), "accuracy")).toBeCloseTo(1 / 3, 10);
  const short = customClassifier({ name: "short", fit: () => () => [0] });
  await expect(probe(example(3), short, {})).rejects.toThrow(
    'classifier "short": expected 18 classes or 18 x 3 scores from predict, got 1 numbers',
  );
});

it("trains a network of one's own, written for one fold", async () => {
  const own = customClassifier({
    name: "tanh net",
    epochs: 20,
    batch: 16,
    learningRate: 0.01,
    forward(x, { width, outputs, parameter }) {
      const hidden = tanh(add(matMul(x, parameter("w", [width, 6])), parameter("b", [6])));
      return add(matMul(hidden, parameter("v", [6, outputs])), parameter("c", [outputs]));
    },
  });
  expect(meanOf(await probe(example(3), own, {}), "accuracy")).toBeGreaterThan(0.93);
  const wrong = customClassifier({
    name: "wrong",
    forward: (x, { width, parameter }) => matMul(x, parameter("w", [width, 5])),
  });
  await expect(probe(example(3), wrong, {})).rejects.toThrow(
    "network: expected outputs of shape [4, batch, 3], got [4, batch, 5]",
  );
});

it("says that training diverged instead of storing NaN", async () => {
  const options = { learningRate: 1e30, epochs: 5, batch: 16 };
  await expect(probe(example(0), classifiers.mlp, options)).rejects.toThrow("training diverged");
});

it("shows the double descent of lda where training rows equal features", async () => {
  const random = createRandom("double descent");
  const [count, columns] = [700, 60];
  const targets = Int32Array.from({ length: count }, (_, i) => i % 2);
  const data = Float32Array.from({ length: count * columns }, (_, at) => {
    const row = Math.floor(at / columns);
    return random.normal() + (targets[row] === 1 ? 0.25 : -0.25);
  });
  const features = matrix(count, columns, data);
  const test = Uint32Array.from({ length: 400 }, (_, i) => 300 + i);
  const accuracyWith = async (train: number) => {
    const folds = Array.from({ length: 8 }, (_, f) => ({
      train: random.fork(`rows ${train} ${f}`).permutation(300).slice(0, train),
      validation: new Uint32Array(0),
      test,
    }));
    const found = await probe(
      { features, folds, targets, task: "classification", classes: 2, seed: 1 },
      classifiers.lda,
      {},
    );
    const values = found.scores.filter(({ metric }) => metric === "accuracy");
    return values.reduce((sum, { value }) => sum + value, 0) / 8;
  };
  const [few, critical, many] = [
    await accuracyWith(24),
    await accuracyWith(62),
    await accuracyWith(300),
  ];
  expect(few).toBeGreaterThan(critical + 0.1);
  expect(many).toBeGreaterThan(critical + 0.25);
});

it("has the majority class as a baseline, and the mean for regression", () => {
  const targets = Int32Array.of(0, 0, 0, 1, 1, 0, 1, 1);
  const folds = [
    {
      train: Uint32Array.of(0, 1, 2, 3),
      validation: new Uint32Array(0),
      test: Uint32Array.of(4, 5, 6, 7),
    },
  ];
  const majority = baselineScores({ task: "classification", targets, classes: 2 }, folds);
  // Class 0 everywhere: 1 of 4 right; F1 of class 1 is 0, of class 0 2·1/(1 + 4); equal scores have AUC 1/2.
  expect(Object.fromEntries(majority.map(({ metric, value }) => [metric, value]))).toEqual({
    accuracy: 0.25,
    f1: 0,
    macroF1: 0.2,
    balancedAccuracy: 0.5,
    matthews: 0,
    auc: 0.5,
  });
  const values = Float32Array.of(1, 2, 3, 2, 4, 0, 2, 2);
  const mean = baselineScores({ task: "regression", targets: values, classes: 0 }, folds);
  // The mean 2: squared errors 4, 4, 0, 0; the test mean is 2 too, so R2 is 0; no correlation.
  expect(mean).toEqual([
    { name: "mean", metric: "mse", fold: 0, value: 2 },
    { name: "mean", metric: "r2", fold: 0, value: 0 },
  ]);
});
