/** @file The largest eigenvalues of a symmetric matrix and their eigenvectors, by Lanczos steps. */

import { dot, type Eigen, mirrorLower, symmetricEigen } from "./linear-algebra.ts";
import type { Random } from "./random.ts";

export type LanczosOptions = {
  /** How many of the largest eigenvalues are wanted. */
  readonly count: number;
  /** For the vector it starts from. */
  readonly random: Random;
};

/** Residual at which an eigenvector counts as found, as a share of the largest eigenvalue. */
const tolerance = 1e-9;

/**
 * The `count` largest eigenvalues of a symmetric [size, size] matrix, largest first, each with a unit eigenvector
 * in its row. Only the lower triangle is read. Every basis vector is made orthogonal to all others, so rounding
 * brings no copies; where most values are wanted the whole matrix is diagonalised instead.
 */
export function largestEigen(
  a: Float64Array,
  size: number,
  { count, random }: LanczosOptions,
): Eigen {
  if (3 * count >= size) return reversed(symmetricEigen(mirrored(a, size), size), size, count);
  const basis: Float64Array[] = [];
  const alphas: number[] = [];
  const betas: number[] = [];
  let next = unit(Float64Array.from({ length: size }, () => random.normal()));
  let check = Math.max(2 * count, count + 20);
  for (;;) {
    basis.push(next);
    const image = multiplySymmetric(a, size, next);
    alphas.push(dot(image, next));
    orthogonalise(image, basis);
    const beta = Math.sqrt(dot(image, image));
    const steps = basis.length;
    const scale = Math.max(...alphas.map(Math.abs), 1e-300);
    const exhausted = beta <= 1e-13 * scale || steps === size;
    if (steps >= check || exhausted) {
      const ritz = tridiagonalEigen(alphas, betas);
      const settled = Array.from({ length: Math.min(count, steps) }, (_, i) => steps - 1 - i).every(
        (q) =>
          Math.abs(beta * ritz.vectors[q * steps + steps - 1]!) <=
          tolerance * ritz.values[steps - 1]!,
      );
      if ((settled && steps >= count) || steps === size) {
        return ritzVectors(ritz, basis, count);
      }
      check = Math.ceil(steps * 1.25);
    }
    if (exhausted) {
      // An invariant space was found: go on in a direction it does not hold.
      next = Float64Array.from({ length: size }, () => random.normal());
      orthogonalise(next, basis);
      betas.push(0);
    } else {
      next = image;
      betas.push(beta);
    }
    next = unit(next);
  }
}

/** Removes what lies along the basis, twice: once leaves rounding behind. */
function orthogonalise(v: Float64Array, basis: readonly Float64Array[]): void {
  for (let pass = 0; pass < 2; pass++) {
    for (const b of basis) {
      const along = dot(v, b);
      for (let j = 0; j < v.length; j++) v[j]! -= along * b[j]!;
    }
  }
}

function tridiagonalEigen(alphas: readonly number[], betas: readonly number[]): Eigen {
  const n = alphas.length;
  const t = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    t[i * n + i] = alphas[i]!;
    if (i > 0) {
      t[i * n + i - 1] = betas[i - 1]!;
      t[(i - 1) * n + i] = betas[i - 1]!;
    }
  }
  return symmetricEigen(t, n);
}

function ritzVectors(ritz: Eigen, basis: readonly Float64Array[], count: number): Eigen {
  const steps = basis.length;
  const size = basis[0]!.length;
  const vectors = new Float64Array(count * size);
  for (let i = 0; i < count; i++) {
    const q = steps - 1 - i;
    const into = vectors.subarray(i * size, (i + 1) * size);
    basis.forEach((b, s) => {
      const share = ritz.vectors[q * steps + s]!;
      for (let j = 0; j < size; j++) into[j]! += share * b[j]!;
    });
  }
  return { values: ritz.values.slice(steps - count).reverse(), vectors };
}

function reversed({ values, vectors }: Eigen, size: number, count: number): Eigen {
  const kept = new Float64Array(count * size);
  for (let i = 0; i < count; i++) {
    const q = size - 1 - i;
    kept.set(vectors.subarray(q * size, (q + 1) * size), i * size);
  }
  return { values: values.slice(size - count).reverse(), vectors: kept };
}

function mirrored(a: Float64Array, size: number): Float64Array {
  const whole = a.slice();
  mirrorLower(whole, size);
  return whole;
}

/** A v from the lower triangle of A. */
function multiplySymmetric(a: Float64Array, size: number, v: Float64Array): Float64Array {
  const out = new Float64Array(size);
  for (let i = 0; i < size; i++) {
    const row = i * size;
    const vi = v[i]!;
    let sum = a[row + i]! * vi;
    for (let j = 0; j < i; j++) {
      const value = a[row + j]!;
      sum += value * v[j]!;
      out[j]! += value * vi;
    }
    out[i]! += sum;
  }
  return out;
}

function unit(v: Float64Array): Float64Array {
  const length = Math.sqrt(dot(v, v));
  return v.map((value) => value / length);
}
