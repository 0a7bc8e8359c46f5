/** @file L-BFGS on several smooth problems at once, for functions that are cheaper together. */

import { dot } from "./linear-algebra.ts";

/** Value and gradient of one problem at its position. */
export type Evaluation = {
  readonly value: number;
  readonly gradient: Float64Array;
  /** Whether the caller's own criterion is met here. */
  readonly converged: boolean;
  /** Whether it is near enough, should rounding hide every further descent. */
  readonly nearly: boolean;
};

/** Evaluates every problem, each at its own position. */
export type Evaluate = (positions: readonly Float64Array[]) => Promise<readonly Evaluation[]>;

export type Minimum = {
  readonly position: Float64Array;
  readonly value: number;
  readonly converged: boolean;
};

export type MinimiseOptions = {
  readonly iterations: number;
  /** Pairs of steps and gradient changes that are remembered. */
  readonly memory?: number;
};

/** Relative rounding error of the values: smaller rises are not taken for rises. */
const noise = 1e-7;

/**
 * Minimises convex functions whose Hessian is about the identity near the start: full steps first, halved
 * or interpolated until the value falls enough (Armijo). A problem that has converged is left alone.
 */
export async function minimiseAll(
  starts: readonly Float64Array[],
  evaluate: Evaluate,
  { iterations, memory = 12 }: MinimiseOptions,
): Promise<readonly Minimum[]> {
  const first = await evaluate(starts);
  const problems = starts.map((start, i) => createProblem(start, first[i]!, memory));
  for (let i = 0; i < iterations && problems.some((problem) => !problem.done()); i++) {
    const found = await evaluate(problems.map((problem) => problem.trial()));
    problems.forEach((problem, at) => {
      if (!problem.done()) problem.update(found[at]!);
    });
  }
  return problems.map((problem) => problem.minimum());
}

type Pair = { readonly s: Float64Array; readonly y: Float64Array; readonly rho: number };

function createProblem(start: Float64Array, evaluation: Evaluation, memory: number) {
  let position = start;
  let current = evaluation;
  let stalled = false;
  const pairs: Pair[] = [];
  let direction = descent(current.gradient, pairs);
  let step = 1;

  const trial = () =>
    current.converged || stalled
      ? position
      : position.map((value, j) => value + step * direction[j]!);

  const update = (found: Evaluation) => {
    const slope = dot(current.gradient, direction);
    const allowed = current.value + 1e-4 * step * slope + noise * Math.abs(current.value);
    if (!(found.value <= allowed)) {
      // The minimum of the parabola through value, slope and the new value, within bounds.
      const rise = found.value - current.value - step * slope;
      const best = (-slope * step * step) / (2 * rise);
      step = Number.isFinite(best) ? Math.min(Math.max(best, step / 10), step / 2) : step / 10;
      if (step < 1e-5) stalled = true;
      return;
    }
    const s = direction.map((value) => value * step);
    const y = found.gradient.map((value, j) => value - current.gradient[j]!);
    const curvature = dot(s, y);
    if (curvature > 1e-12 * dot(y, y)) pairs.push({ s, y, rho: 1 / curvature });
    if (pairs.length > memory) pairs.shift();
    position = position.map((value, j) => value + s[j]!);
    current = found;
    direction = descent(current.gradient, pairs);
    step = 1;
  };

  return {
    trial,
    update,
    done: () => current.converged || stalled,
    minimum: (): Minimum => ({
      position,
      value: current.value,
      converged: current.converged || (stalled && current.nearly),
    }),
  };
}

/** -H g by the two-loop recursion; H starts as the identity scaled to the newest pair. */
function descent(gradient: Float64Array, pairs: readonly Pair[]): Float64Array {
  const q = gradient.map((value) => -value);
  const alphas = pairs.map(() => 0);
  for (let i = pairs.length - 1; i >= 0; i--) {
    const { s, y, rho } = pairs[i]!;
    const alpha = rho * dot(s, q);
    alphas[i] = alpha;
    for (let j = 0; j < q.length; j++) q[j]! -= alpha * y[j]!;
  }
  const newest = pairs[pairs.length - 1];
  if (newest) {
    const scale = 1 / (newest.rho * dot(newest.y, newest.y));
    for (let j = 0; j < q.length; j++) q[j]! *= scale;
  }
  pairs.forEach(({ s, y, rho }, i) => {
    const beta = alphas[i]! - rho * dot(y, q);
    for (let j = 0; j < q.length; j++) q[j]! += beta * s[j]!;
  });
  return q;
}
