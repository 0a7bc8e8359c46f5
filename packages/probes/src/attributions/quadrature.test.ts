/** @file Quadrature rules against integrals known exactly. */

import { expect, it } from "vitest";
import { quadratureRules } from "./quadrature.ts";

const integrate = (kind: keyof typeof quadratureRules, n: number, f: (x: number) => number) => {
  const { points, weights } = quadratureRules[kind](n);
  return points.reduce((sum, x, k) => sum + weights[k]! * f(x), 0);
};

it("is exact for polynomials up to degree 2n - 1 by Gauss-Legendre", () => {
  for (const n of [1, 2, 5, 50]) {
    expect(integrate("gauss-legendre", n, (x) => x ** (2 * n - 1))).toBeCloseTo(1 / (2 * n), 13);
  }
});

it("has weights that sum to one", () => {
  for (const kind of ["gauss-legendre", "midpoint", "trapezoid"] as const) {
    for (const n of [1, 2, 7, 200]) expect(integrate(kind, n, () => 1)).toBeCloseTo(1, 12);
  }
});

it("is exact for straight lines by midpoint and trapezoid", () => {
  expect(integrate("midpoint", 3, (x) => 2 * x + 1)).toBeCloseTo(2, 12);
  expect(integrate("trapezoid", 3, (x) => 2 * x + 1)).toBeCloseTo(2, 12);
});
