/** @file Conjugate gradients on many symmetric matrices at once, all preconditioned by one factor. */

import type { Matrices } from "./factor.ts";
import { input, matMul, transpose } from "./graph/index.ts";
import { float64, kernel } from "./kernels.ts";
import { addScaled, dot, symmetricEigen } from "./linear-algebra.ts";

export type Systems = {
  /** Symmetric positive definite, both triangles written. */
  readonly matrices: Matrices;
  /** L⁻¹ of a factor L Lᵀ that resembles all of them: [size, size] with zeros above the diagonal. */
  readonly inverseFactor: Float64Array;
};

export type Solutions = {
  /** One row per right-hand side, in their order: [matrices · per matrix, size]. */
  readonly solved: Float64Array;
  /** Per matrix A, the smallest eigenvalue of L⁻¹ A L⁻ᵀ as its right-hand sides show it: never below the true one. */
  readonly smallest: readonly number[];
};

/** Error, in the norm of the matrix, at which a solution counts as found, as a share of the first one. */
const tolerance = 1e-11;
/** Where the factor resembles the matrices, each step gains about a digit. */
const mostSteps = 60;

/**
 * Solves A x = b for every matrix A and each of its right-hand sides, rows of `wanted` [matrices · per matrix, size],
 * as Hestenes and Stiefel (1952) did. Null where some system is not solved to 1e-11 after 60 steps.
 */
export async function solveMany(
  { matrices, inverseFactor }: Systems,
  wanted: Float64Array,
): Promise<Solutions | null> {
  const { data, count, size } = matrices;
  const rows = wanted.length / size;
  const solved = new Float64Array(wanted.length);
  const residual = wanted.slice();
  const multiply = await multiplyKernel();
  const precondition = await preconditionKernel();
  const fixed = {
    whole: float64(data, count, size, size),
    inverse: float64(inverseFactor, size, size),
  };
  const preconditioned = async () => {
    const { inverse } = fixed;
    const { result } = await precondition.run({ inverse, residual: float64(residual, rows, size) });
    return result!.data as Float64Array;
  };
  const direction = (await preconditioned()).slice();
  const perMatrix = rows / count;
  const toMultiply = { whole: fixed.whole, direction: float64(direction, count, perMatrix, size) };

  const row = (of: Float64Array, i: number) => of.subarray(i * size, (i + 1) * size);
  const systems = Array.from({ length: rows }, (_, i) => {
    const own = {
      solved: row(solved, i),
      residual: row(residual, i),
      direction: row(direction, i),
    };
    const first = dot(own.residual, own.direction);
    return { ...own, first, left: first, steps: [] as Step[] };
  });
  for (let steps = 0; systems.some(unfinished); steps++) {
    if (steps === mostSteps) return null;
    const images = (await multiply.run(toMultiply)).result!.data as Float64Array;
    const lengths = systems.map((system, i) => {
      if (!unfinished(system)) return 0;
      const image = row(images, i);
      const length = system.left / dot(system.direction, image);
      addScaled(system.solved, system.direction, length);
      addScaled(system.residual, image, -length);
      return length;
    });
    const next = await preconditioned();
    for (const [i, system] of systems.entries()) {
      if (!unfinished(system)) continue;
      const towards = row(next, i);
      const left = dot(system.residual, towards);
      if (!(left >= 0)) return null; // not positive definite, or not a number
      const turn = left / system.left;
      system.steps.push({ length: lengths[i]!, turn });
      system.left = left;
      for (let j = 0; j < size; j++)
        system.direction[j] = towards[j]! + turn * system.direction[j]!;
    }
  }
  const smallest = Array.from({ length: count }, (_, i) => {
    const own = systems.slice(i * perMatrix, (i + 1) * perMatrix);
    return Math.min(...own.map(({ steps }) => smallestRitz(steps)));
  });
  return { solved, smallest };
}

type Step = {
  /** How far along the direction. */
  readonly length: number;
  /** How much of the direction stays in the next one. */
  readonly turn: number;
};

const unfinished = ({ first, left }: { readonly first: number; readonly left: number }) =>
  left > tolerance ** 2 * first;

/** A x for each matrix and its rows x: [count, rows, size]. */
const multiplyKernel = () =>
  kernel("conjugate gradients multiply", () => {
    const whole = input("whole", ["count", "size", "size"], "float64");
    const direction = input("direction", ["count", "rows", "size"], "float64");
    // The matrices on the left, because it is the right side that a product packs anew.
    const image = matMul(whole, direction, { transposeB: true });
    return { result: transpose(image, [0, 2, 1]) };
  });

/** (L Lᵀ)⁻¹ r for each row r: [rows, size]. */
const preconditionKernel = () =>
  kernel("conjugate gradients precondition", () => {
    const inverse = input("inverse", ["size", "size"], "float64");
    const residual = input("residual", ["rows", "size"], "float64");
    return { result: matMul(matMul(residual, inverse, { transposeB: true }), inverse) };
  });

/** The smallest eigenvalue of the tridiagonal matrix that the steps stand for (Saad 2003, 6.7.3); infinite without a step. */
function smallestRitz(steps: readonly Step[]): number {
  const n = steps.length;
  if (n === 0) return Infinity;
  const t = new Float64Array(n * n);
  steps.forEach(({ length, turn }, i) => {
    t[i * n + i]! += 1 / length;
    if (i + 1 === n) return;
    const next = (i + 1) * n + i + 1;
    t[next] = turn / length;
    t[next - 1] = Math.sqrt(turn) / length;
    t[next - n] = t[next - 1]!;
  });
  return symmetricEigen(t, n).values[0]!;
}
