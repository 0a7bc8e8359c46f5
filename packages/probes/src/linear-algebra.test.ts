/** @file Factors multiply back, solves solve, eigenvectors are eigenvectors, for good and bad matrices. */

import { expect, it } from "vitest";
import { factorAll } from "./factor.ts";
import { invertFactor } from "./invert-factor.ts";
import { cholesky, invertLower, solveCholesky, symmetricEigen } from "./linear-algebra.ts";
import { createRandom } from "./random.ts";

/** A random B Bᵀ of the given rank. */
function semidefinite(size: number, rank: number, seed: string): Float64Array {
  const random = createRandom(seed);
  const b = Float64Array.from({ length: size * rank }, () => random.normal());
  const a = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) {
      for (let k = 0; k < rank; k++)
        a[i * size + j]! += (b[i * rank + k]! * b[j * rank + k]!) / rank;
    }
  }
  return a;
}

/** Largest difference between L Lᵀ and a. */
function factorError(factor: Float64Array, a: Float64Array, size: number): number {
  let worst = 0;
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = 0;
      for (let k = 0; k <= j; k++) sum += factor[i * size + k]! * factor[j * size + k]!;
      worst = Math.max(worst, Math.abs(sum - a[i * size + j]!));
    }
  }
  return worst;
}

it("factors by hand: [[4, 2], [2, 5]] = L Lᵀ with L = [[2, 0], [1, 2]]", () => {
  const data = Float64Array.of(4, 2, 2, 5);
  cholesky({ data, offset: 0, stride: 2, size: 2 }, 0);
  expect([...data]).toEqual([2, 2, 1, 2]); // the upper triangle stays
  const inverse = invertLower({ data, offset: 0, stride: 2, size: 2 });
  expect([...inverse]).toEqual([0.5, 0, -0.25, 0.5]);
  const v = Float64Array.of(6, 7);
  solveCholesky({ data, offset: 0, stride: 2, size: 2 }, v);
  expect([...v]).toEqual([1, 1]);
});

it.each([1, 5, 64, 65, 200])("factors several matrices of size %i at once", async (size) => {
  const originals = [0, 1, 2].map((i) => semidefinite(size, size + 5, `full ${i}`));
  const data = Float64Array.from(originals.flatMap((a) => [...a]));
  await factorAll({ data, count: 3, size }, 1e-12);
  originals.forEach((a, i) => {
    const factor = data.slice(i * size * size, (i + 1) * size * size);
    expect(factorError(factor, a, size)).toBeLessThan(1e-12);
  });
});

it("leaves zero columns where a matrix of lower rank has nothing new", async () => {
  const size = 150;
  const a = semidefinite(size, 90, "low rank");
  const data = a.slice();
  await factorAll({ data, count: 1, size }, 1e-10);
  const pivots = Array.from({ length: size }, (_, i) => data[i * size + i]!);
  expect(pivots.filter((pivot) => pivot > 0).length).toBe(90);
  expect(factorError(data, a, size)).toBeLessThan(1e-10);
});

it("inverts a factor block by block", async () => {
  const size = 130;
  const data = semidefinite(size, 200, "invert");
  await factorAll({ data, count: 1, size }, 0);
  const inverse = await invertFactor({ data, count: 1, size });
  let worst = 0;
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = 0;
      for (let k = j; k <= i; k++) sum += data[i * size + k]! * inverse[k * size + j]!;
      worst = Math.max(worst, Math.abs(sum - (i === j ? 1 : 0)));
    }
  }
  expect(worst).toBeLessThan(1e-10);
});

it("finds eigenvalues by hand: [[2, 1], [1, 2]] has 1 and 3", () => {
  const { values, vectors } = symmetricEigen(Float64Array.of(2, 1, 1, 2), 2);
  expect(values[0]).toBeCloseTo(1, 14);
  expect(values[1]).toBeCloseTo(3, 14);
  expect(Math.abs(vectors[2]! - vectors[3]!)).toBeLessThan(1e-14); // the second is (1, 1) / √2
});

it.each([
  ["random", 60, (i: number, j: number) => Math.sin(i * j + i + j)],
  [
    "of rank three, every eigenvalue repeated",
    60,
    (i: number, j: number) => Number(i % 3 === j % 3),
  ],
  ["diagonal", 20, (i: number, j: number) => (i === j ? 20 - i : 0)],
  ["graded over 30 orders", 12, (i: number, j: number) => 10 ** (-2.5 * Math.max(i, j))],
  ["zero", 7, () => 0],
])("finds eigenvectors of a matrix that is %s", (_, n, entry) => {
  const a = Float64Array.from({ length: n * n }, (_, at) => entry(Math.floor(at / n), at % n));
  const { values, vectors } = symmetricEigen(a, n);
  let residual = 0;
  let tilt = 0;
  for (let q = 0; q < n; q++) {
    for (let i = 0; i < n; i++) {
      let image = 0;
      let overlap = 0;
      for (let j = 0; j < n; j++) {
        image += a[i * n + j]! * vectors[q * n + j]!;
        overlap += vectors[i * n + j]! * vectors[q * n + j]!;
      }
      residual = Math.max(residual, Math.abs(image - values[q]! * vectors[q * n + i]!));
      tilt = Math.max(tilt, Math.abs(overlap - (i === q ? 1 : 0)));
    }
  }
  expect(residual).toBeLessThan(1e-12);
  expect(tilt).toBeLessThan(1e-12);
  expect([...values]).toEqual([...values].sort((x, y) => x - y));
});
