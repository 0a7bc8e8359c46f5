/** @file Systems in the scatter of the training rows are solved from one factor, and refused where they can not be. */

import { expect, it } from "vitest";
import { matrix } from "../array.ts";
import { createRandom } from "../random.ts";
import { complement, createSums } from "../sums.ts";
import { solveTotals } from "./total-factor.ts";

const [rows, width] = [60, 5];
const random = createRandom("factors");
const data = Float32Array.from(
  { length: rows * width },
  (_, at) => 10 ** (at % width) * random.normal(), // columns of very different sizes
);
const folds = [0, 1, 2].map((fold) => {
  const test = Uint32Array.from({ length: 20 }, (_, i) => 3 * i + fold);
  return { train: complement(test, rows), validation: new Uint32Array(0), test };
});

it("solves with Σ x xᵀ of each fold's training rows", async () => {
  const sums = createSums(matrix(rows, width, data));
  const wanted = [
    [1, -2, 30, 400, 5000],
    [0, 1, 0, 0, 0],
    [0, 0, 0, 0, 0],
  ].map((v) => Float64Array.from(v));
  const solutions = await solveTotals(
    sums,
    folds,
    folds.map(() => wanted),
  );
  folds.forEach(({ train }, f) => {
    wanted.forEach((v, i) => {
      const back = timesScatter(sums.centred.data, train, solutions![f]!.solved[i]!);
      back.forEach((value, j) => {
        expect(value / 10 ** j).toBeCloseTo(v[j]! / 10 ** j, 8);
      });
    });
  });
});

/** Σ_i x_i (x_i · w), row by row. */
function timesScatter(x: Float32Array, train: Uint32Array, w: Float64Array): Float64Array {
  const sum = new Float64Array(width);
  for (const row of train) {
    const at = row * width;
    let along = 0;
    for (let j = 0; j < width; j++) along += x[at + j]! * w[j]!;
    for (let j = 0; j < width; j++) sum[j]! += along * x[at + j]!;
  }
  return sum;
}

it("does not depend on what else is solved for", async () => {
  const sums = createSums(matrix(rows, width, data));
  const solve = (vectors: readonly number[][]) =>
    solveTotals(
      sums,
      folds,
      folds.map(() => vectors.map((v) => Float64Array.from(v))),
    );
  const [alone] = (await solve([[1, 2, 3, 4, 5]]))!;
  const [beside] = (await solve([
    [1, 2, 3, 4, 5],
    [5, 0, 0, 0, 1],
  ]))!;
  alone!.solved[0]!.forEach((value, j) => {
    expect(beside!.solved[0]![j]! / value).toBeCloseTo(1, 9);
  });
});

it("bounds the smallest eigenvalue from below, and not by much", async () => {
  const random = createRandom("twins");
  const twins = data.slice();
  // Two columns that are nearly one: the correlation matrix has an eigenvalue of about 1e-4 / 2.
  for (let i = 0; i < rows; i++) {
    twins[i * width + 1] = twins[i * width]! + 0.01 * random.normal();
  }
  const solutions = await solveTotals(
    createSums(matrix(rows, width, twins)),
    folds,
    folds.map(() => [Float64Array.from([1, 0, 0, 0, 0])]),
  );
  for (const { smallest } of solutions!) {
    expect(smallest).toBeGreaterThan(1e-6);
    expect(smallest).toBeLessThan(1e-4);
  }
});

it("solves none where a column follows from the others, or never varies, even in one fold only", async () => {
  const doubled = data.slice();
  for (let i = 0; i < rows; i++) doubled[i * width + 1] = 2 * doubled[i * width]!;
  const flat = data.slice();
  for (let i = 0; i < rows; i++) flat[i * width + 3] = 7;
  // Two columns of zero mean, in every third of the rows: the second tells nothing new while fold 0 is left out.
  const balanced = (row: number) => (Math.floor(row / 3) % 2 ? 1 : -1) * (1 + Math.floor(row / 6));
  const rare = data.slice();
  const twice = data.slice();
  for (let i = 0; i < rows; i++) {
    rare[i * width + 3] = i % 3 === 0 ? balanced(i) : 0;
    twice[i * width] = balanced(i);
    twice[i * width + 1] = i % 3 === 0 ? -balanced(i) : 2 * balanced(i);
  }
  for (const values of [doubled, flat, rare, twice]) {
    const sums = createSums(matrix(rows, width, values));
    const vectors = folds.map(() => [Float64Array.from([1, 2, 3, 4, 5])]);
    expect(await solveTotals(sums, folds, vectors)).toBeNull();
  }
});

it("has rough moments within 1e-5 of the exact ones, the same whatever was asked before", async () => {
  const sums = createSums(matrix(rows, width, data));
  const rough = await sums.roughMoments();
  const exact = await sums.allMoments();
  for (let i = 0; i < width; i++) {
    for (let j = 0; j <= i; j++) {
      const unit = Math.sqrt(exact[i * width + i]! * exact[j * width + j]!);
      expect(Math.abs(rough[i * width + j]! - exact[i * width + j]!) / unit).toBeLessThan(1e-5);
    }
  }
  const asked = createSums(matrix(rows, width, data));
  await asked.allMoments();
  await asked.secondMoments(folds);
  expect(await asked.roughMoments()).toEqual(rough);
});
