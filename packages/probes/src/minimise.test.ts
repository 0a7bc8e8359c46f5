/** @file L-BFGS finds known minima of several problems at once, and says when it did not. */

import { expect, it } from "vitest";
import { type Evaluate, minimiseAll } from "./minimise.ts";

/** Σ_j scale_j (x_j - target_j)² / 2 with curvatures up to `spread`, for each target. */
function quadratics(targets: readonly (readonly number[])[], spread: number): Evaluate {
  return async (positions) =>
    positions.map((x, i) => {
      const gradient = x.map((value, j) => spread ** (-j / 4) * (value - targets[i]![j]!));
      const value = x.reduce((sum, at, j) => sum + (gradient[j]! * (at - targets[i]![j]!)) / 2, 0);
      const steepest = Math.max(...gradient.map(Math.abs));
      return { value, gradient, converged: steepest < 1e-10, nearly: steepest < 1e-6 };
    });
}

it("finds the minima of several quadratic functions, each at its own pace", async () => {
  const targets = [
    [1, -2, 3, 4, 5],
    [0.001, 0, 0, 0, 0],
  ];
  const starts = targets.map(() => new Float64Array(5));
  const found = await minimiseAll(starts, quadratics(targets, 100), { iterations: 200 });
  found.forEach(({ position, converged }, i) => {
    expect(converged).toBe(true);
    position.forEach((value, j) => {
      expect(value).toBeCloseTo(targets[i]![j]!, 7);
    });
  });
});

it("shortens steps where the function is steeper than expected", async () => {
  // cosh is flat like x² / 2 at 0 and exponential at 8: a full step overshoots.
  const evaluate: Evaluate = async ([x]) => {
    const at = x![0]!;
    const gradient = Float64Array.of(Math.sinh(at));
    const converged = Math.abs(gradient[0]!) < 1e-12;
    return [{ value: Math.cosh(at), gradient, converged, nearly: converged }];
  };
  const [found] = await minimiseAll([Float64Array.of(8)], evaluate, { iterations: 200 });
  expect(Math.abs(found!.position[0]!)).toBeLessThan(1e-4); // cosh - 1 below rounding of 1
  expect(found!.value).toBeCloseTo(1, 7);
});

it("says so when the evaluations run out", async () => {
  const [found] = await minimiseAll([new Float64Array(5)], quadratics([[9, 9, 9, 9, 9]], 1e6), {
    iterations: 3,
  });
  expect(found!.converged).toBe(false);
});
