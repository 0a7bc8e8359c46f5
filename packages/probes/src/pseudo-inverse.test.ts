/** @file Pseudo-inverses agree with the eigenvectors', whichever way they were found. */

import { expect, it } from "vitest";
import { symmetricEigen } from "./linear-algebra.ts";
import { pseudoInverses } from "./pseudo-inverse.ts";
import { createRandom } from "./random.ts";

/** Q diag(values) Qᵀ for a random rotation Q, scaled by nothing. */
function withEigenvalues(values: readonly number[]): Float64Array {
  const n = values.length;
  const random = createRandom("rotation");
  const seed = Float64Array.from({ length: n * n }, () => random.normal());
  for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) seed[i * n + j] = seed[j * n + i]!;
  const { vectors } = symmetricEigen(seed, n);
  const a = new Float64Array(n * n);
  for (let q = 0; q < n; q++) {
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++)
        a[i * n + j]! += values[q]! * vectors[q * n + i]! * vectors[q * n + j]!;
    }
  }
  return a;
}

async function worstError(a: Float64Array, n: number, tolerance: number): Promise<number> {
  const { values, vectors } = symmetricEigen(a, n);
  const [inverse] = await pseudoInverses(
    { data: a.slice(), count: 1, size: n },
    { tolerance, rebuild: () => a.slice() },
  );
  const v = Float64Array.from({ length: n }, (_, i) => Math.sin(i + 1));
  const found = inverse!(v);
  const expected = new Float64Array(n);
  for (let q = 0; q < n; q++) {
    if (values[q]! <= tolerance) continue;
    let along = 0;
    for (let i = 0; i < n; i++) along += vectors[q * n + i]! * v[i]!;
    for (let i = 0; i < n; i++) expected[i]! += (along / values[q]!) * vectors[q * n + i]!;
  }
  const size = Math.max(...expected.map(Math.abs));
  return Math.max(...found.map((value, i) => Math.abs(value - expected[i]!))) / size;
}

const spread = (n: number, low: number, high: number) =>
  Array.from({ length: n }, (_, i) => low * (high / low) ** (i / (n - 1)));

it("inverts a matrix of full rank", async () => {
  expect(await worstError(withEigenvalues(spread(100, 0.01, 3)), 100, 1e-8)).toBeLessThan(1e-9);
});

it("leaves out one direction that is zero up to rounding, as in layer-normalised features", async () => {
  const values = [1e-15, ...spread(99, 0.001, 3)];
  expect(await worstError(withEigenvalues(values), 100, 1e-8)).toBeLessThan(1e-6);
});

it("leaves out many zero directions", async () => {
  const values = [...new Array(40).fill(0), ...spread(60, 0.01, 3)];
  expect(await worstError(withEigenvalues(values), 100, 1e-8)).toBeLessThan(1e-9);
});

it("draws the line exactly where eigenvalues lie on both sides of it", async () => {
  const values = spread(100, 1e-12, 1);
  expect(await worstError(withEigenvalues(values), 100, 1e-8)).toBeLessThan(1e-6);
});

it("drops repeated and zero columns", async () => {
  const n = 90;
  const base = withEigenvalues(spread(30, 0.1, 2));
  // Three copies of every coordinate but the first, which is zero.
  const a = Float64Array.from({ length: n * n }, (_, at) => {
    const [i, j] = [Math.floor(at / n) % 30, (at % n) % 30];
    return i === 0 || j === 0 ? 0 : base[i * 30 + j]!;
  });
  expect(await worstError(a, n, 1e-8)).toBeLessThan(1e-9);
});
