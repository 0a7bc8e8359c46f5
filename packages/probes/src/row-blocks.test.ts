/** @file Probes on features that are read in blocks, against the same features in memory. */

import { describe, expect, it } from "vitest";
import { type Matrix, matrix } from "./array.ts";
import type { Classifier } from "./classifiers/classifier.ts";
import { classifiers } from "./classifiers/index.ts";
import { type FoldSpec, splitFolds } from "./folds.ts";
import { type ProbeData, probe, sumsOf } from "./probe.ts";
import { createRandom } from "./random.ts";
import { blocksOf, type RowSource, rowList, rowsWithin } from "./row-blocks.ts";

const table: Readonly<Record<string, Classifier>> = classifiers;
const [rows, columns] = [997, 12];

function example(classes: number, folds: FoldSpec): ProbeData & { readonly features: Matrix } {
  const random = createRandom(classes);
  const task = classes === 0 ? "regression" : "classification";
  const labels = Int32Array.from({ length: rows }, () => random.integer(Math.max(classes, 1)));
  const data = Float32Array.from({ length: rows * columns }, (_, at) => {
    const [row, j] = [Math.floor(at / columns), at % columns];
    return 5 + j * random.normal() + (classes === 0 ? 0 : labels[row]! * (1 + (j % 3)));
  });
  const targets =
    classes === 0
      ? Float32Array.from({ length: rows }, (_, row) => data[row * columns + 1]! + random.normal())
      : labels;
  const known = { task, targets, classes } as const;
  return {
    ...known,
    features: matrix(rows, columns, data),
    folds: splitFolds(folds, known),
    seed: 3,
  };
}

/** The same features, 100 rows at a time. */
const inBlocks = ({ data }: Matrix): RowSource => ({
  rows,
  columns,
  blockRows: 100,
  read: (start, end) => data.slice(start * columns, end * columns),
});

const stratified = { kind: "stratified", k: 5, seed: 1 } as const;
const resampled = { kind: "resampled", n: 3, seed: 1 } as const;
const exact: readonly (readonly [string, object, number, FoldSpec])[] = [
  ["lda", {}, 3, stratified],
  ["lda", { rule: "thresholds" }, 2, resampled],
  ["ridge", {}, 2, stratified],
  ["ridge", { standardise: true, alpha: 5 }, 0, resampled],
  ["linear", {}, 0, stratified],
  ["nearest-centroid", { standardise: true }, 3, resampled],
  ["gaussian-nb", {}, 3, stratified],
  ["logistic", {}, 2, stratified],
  ["logistic", { c: 0.1, standardise: true }, 3, resampled],
];

it.each(exact)(
  "%s %j of %i classes is the same in blocks",
  async (...[name, options, classes, folds]) => {
    const data = example(classes, folds);
    const whole = await probe(data, table[name]!, options);
    const blocks = await probe(
      { ...data, features: inBlocks(data.features) },
      table[name]!,
      options,
    );
    expect(blocks.scores.length).toBe(whole.scores.length);
    whole.scores.forEach((score, i) => {
      expect(blocks.scores[i]).toMatchObject({ metric: score.metric, fold: score.fold });
      // Predictions are the same; ranks and squared errors of outputs that differ by rounding differ by it.
      expect(Math.abs(blocks.scores[i]!.value - score.value)).toBeLessThan(
        1e-6 * Math.max(1, Math.abs(score.value)),
      );
    });
    expect(blocks.flags).toEqual(whole.flags);
  },
);

it("single-layer learns the same from blocks, though in another order", async () => {
  const data = example(2, resampled);
  const options = { epochs: 30, learningRate: 0.02 };
  const whole = await probe(data, classifiers["single-layer"], options);
  const source = { ...data, features: inBlocks(data.features) };
  const blocks = await probe(source, classifiers["single-layer"], options);
  const accuracy = (found: typeof whole) =>
    found.scores.flatMap(({ metric, value }) => (metric === "accuracy" ? value : []));
  accuracy(whole).forEach((value, fold) => {
    expect(Math.abs(accuracy(blocks)[fold]! - value)).toBeLessThan(0.03);
  });
  expect(blocks.losses.length).toBe(whole.losses.length);
  const again = await probe(source, classifiers["single-layer"], options);
  expect(again.losses).toEqual(blocks.losses);
});

describe("errors", () => {
  it("name classifiers that need all features at once", async () => {
    const data = example(2, stratified);
    await expect(
      probe({ ...data, features: inBlocks(data.features) }, classifiers.knn, {}),
    ).rejects.toThrow("probe: this classifier needs all features at once, got blocks of rows");
    expect(() => sumsOf(inBlocks(data.features)).features.data).toThrow(
      "features: 997 x 12 numbers are to be read in blocks, but this classifier needs all of them at once",
    );
  });

  it("name the row that is not a number", async () => {
    const data = example(2, stratified);
    const broken = data.features.data.slice();
    broken[540 * columns + 7] = Number.POSITIVE_INFINITY;
    const features = inBlocks({ ...data.features, data: broken });
    await expect(probe({ ...data, features }, classifiers.lda, {})).rejects.toThrow(
      "features: expected finite numbers, got Infinity in row 540, column 7",
    );
  });
});

it("finds the rows of a list in every block, in the order of the list", () => {
  const data = example(2, stratified);
  const list = Uint32Array.of(950, 3, 101, 99, 100, 4);
  const found = new Map<number, number>();
  for (const block of blocksOf(inBlocks(data.features))) {
    const { rows: own, places } = rowsWithin(rowList(list), block);
    own.forEach((row, i) => {
      found.set(places[i]!, row + block.start);
      expect(block.matrix.data[row * columns]).toBe(
        data.features.data[(row + block.start) * columns],
      );
    });
  }
  expect([...list.keys()].map((place) => found.get(place))).toEqual([...list]);
});
