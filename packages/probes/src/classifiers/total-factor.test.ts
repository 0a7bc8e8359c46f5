/** @file Shared factors solve with the scatter of the training rows, once for all tasks, and say where they can not. */

import { expect, it } from "vitest";
import { matrix } from "../array.ts";
import { createRandom } from "../random.ts";
import { complement, createSums } from "../sums.ts";
import { totalFactors } from "./total-factor.ts";

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
  const factors = await totalFactors(sums, folds);
  const v = Float64Array.from([1, -2, 30, 400, 5000]);
  folds.forEach(({ train }, f) => {
    const x = factors[f]!.solve(v);
    // Σ_i x_i (x_i · w), row by row, gives back what was solved for.
    const back = new Float64Array(width);
    for (const row of train) {
      const at = row * width;
      let along = 0;
      for (let j = 0; j < width; j++) along += sums.centred.data[at + j]! * x[j]!;
      for (let j = 0; j < width; j++) back[j]! += along * sums.centred.data[at + j]!;
    }
    back.forEach((value, j) => {
      expect(value / v[j]!).toBeCloseTo(1, 9);
    });
  });
});

it("makes them once for the same folds, and anew for others", async () => {
  const sums = createSums(matrix(rows, width, data));
  const first = totalFactors(sums, folds);
  expect(totalFactors(sums, [...folds])).toBe(first);
  expect(totalFactors(sums, folds.slice(1))).not.toBe(first);
});

it("gives none where a column follows from the others, or never varies", async () => {
  const doubled = data.slice();
  for (let i = 0; i < rows; i++) doubled[i * width + 1] = 2 * doubled[i * width]!;
  const flat = data.slice();
  for (let i = 0; i < rows; i++) flat[i * width + 3] = 7;
  for (const values of [doubled, flat]) {
    const factors = await totalFactors(createSums(matrix(rows, width, values)), folds);
    expect(factors).toEqual([null, null, null]);
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
