/** @file Pseudo-inverses of positive semidefinite matrices with a stated rank rule, many at once. */

import { factorAll, type Matrices, matrixAt } from "./factor.ts";
import { type Block, solveCholesky, symmetricEigen } from "./linear-algebra.ts";

/** Applies the pseudo-inverse: eigenvalues not above the tolerance count as zero. */
export type PseudoInverse = (v: Float64Array) => Float64Array;

export type PseudoInverseOptions = {
  /** Largest eigenvalue that counts as zero; the matrices are scaled to a diagonal of about one. */
  readonly tolerance: number;
  /** Writes matrix i again (lower triangle), after its factor has overwritten it. */
  readonly rebuild: (index: number) => Float64Array;
};

/**
 * Pseudo-inverses of symmetric matrices given by their lower triangles, which are overwritten. A Cholesky
 * factor does it where eigenvalues are clearly zero or clearly not; otherwise the eigenvectors decide.
 */
export async function pseudoInverses(
  matrices: Matrices,
  { tolerance, rebuild }: PseudoInverseOptions,
): Promise<readonly PseudoInverse[]> {
  await factorAll(matrices, tolerance);
  return Array.from({ length: matrices.count }, (_, i) => {
    const factor = matrixAt(matrices, i);
    return (
      fromFactor(factor, { tolerance, rebuild: () => rebuild(i) }) ??
      fromEigen(rebuild(i), matrices.size, tolerance)
    );
  });
}

/**
 * Factors symmetric matrices with a unit diagonal, given by their lower triangles, in place. Returns a lower estimate
 * of each one's smallest eigenvalue, or null where it is too near to rounding for the factor to be used.
 */
export async function clearFactors(matrices: Matrices): Promise<readonly (number | null)[]> {
  await factorAll(matrices, rounding);
  return Array.from({ length: matrices.count }, (_, i) => {
    const factor = matrixAt(matrices, i);
    let least = Infinity;
    for (let j = 0; j < matrices.size; j++) least = Math.min(least, pivot(factor, j));
    if (least ** 2 <= rounding) return null;
    const apply: PseudoInverse = (v) => {
      const x = v.slice();
      solveCholesky(factor, x);
      return x;
    };
    // Pivots bound the smallest eigenvalue from above only, so small ones call for a closer look.
    const smallest =
      least ** 2 > 1e-3 ? least ** 2 / 1e4 : smallestEigenvalue(apply, matrices.size) / 3;
    return smallest > rounding ? smallest : null;
  });
}

/** Eigenvalues that may be nothing but rounding, in units of the diagonal. */
const rounding = 1e-11;

type Rule = { readonly tolerance: number; readonly rebuild: () => Float64Array };

/** The pseudo-inverse by the factor alone, or null where it cannot tell which eigenvalues are zero. */
function fromFactor(factor: Block, { tolerance, rebuild }: Rule): PseudoInverse | null {
  const { size } = factor;
  const pivots = Float64Array.from({ length: size }, (_, i) => pivot(factor, i));
  const dropped = Array.from(pivots.keys()).filter((i) => pivots[i] === 0);
  const basis = dropped.length === 0 ? [] : nullBasis(factor, dropped);
  if (basis.length > 0 && largestImage(rebuild(), basis) > tolerance / 10) return null;
  const apply: PseudoInverse = (v) => {
    const x = v.slice();
    project(x, basis);
    solveCholesky(factor, x);
    project(x, basis);
    return x;
  };
  const smallest = pivots.reduce((least, x) => (x > 0 && x < least ? x : least), Infinity) ** 2;
  // Pivots bound the smallest eigenvalue from above only, so a small one calls for a closer look.
  if (smallest < 1e4 * tolerance && smallestEigenvalue(apply, size) < 3 * tolerance) return null;
  return apply;
}

const pivot = ({ data, offset, stride }: Block, i: number) => data[offset + i * stride + i]!;

/** Orthonormal basis of the null space: for a dropped column j, x with x_j = 1 and A x = 0. */
function nullBasis(factor: Block, dropped: readonly number[]): readonly Float64Array[] {
  const { data, offset, stride, size } = factor;
  const basis: Float64Array[] = [];
  for (const j of dropped) {
    // A = L Lᵀ with row j of L known: the other unknowns solve L_Rᵀ x_R = -(row j of L).
    const x = new Float64Array(size);
    for (let k = 0; k < j; k++) x[k] = -data[offset + j * stride + k]!;
    for (let i = j - 1; i >= 0; i--) {
      const row = offset + i * stride;
      const diagonal = data[row + i]!;
      x[i] = diagonal === 0 ? 0 : x[i]! / diagonal;
      if (x[i] !== 0) for (let k = 0; k < i; k++) x[k]! -= data[row + k]! * x[i]!;
    }
    x[j] = 1;
    project(x, basis);
    project(x, basis); // once more, for orthogonality to rounding
    const norm = Math.sqrt(x.reduce((sum, value) => sum + value * value, 0));
    basis.push(x.map((value) => value / norm));
  }
  return basis;
}

/** v ← v - Σ b (b·v) */
function project(v: Float64Array, basis: readonly Float64Array[]): void {
  for (const b of basis) {
    let dot = 0;
    for (let i = 0; i < v.length; i++) dot += b[i]! * v[i]!;
    for (let i = 0; i < v.length; i++) v[i]! -= dot * b[i]!;
  }
}

/** The largest |A b| over unit vectors b, A given by its lower triangle. */
function largestImage(a: Float64Array, basis: readonly Float64Array[]): number {
  return Math.max(
    ...basis.map((b) => {
      const image = new Float64Array(b.length);
      for (let i = 0; i < b.length; i++) {
        const row = i * b.length;
        for (let j = 0; j < i; j++) {
          image[i]! += a[row + j]! * b[j]!;
          image[j]! += a[row + j]! * b[i]!;
        }
        image[i]! += a[row + i]! * b[i]!;
      }
      return Math.sqrt(image.reduce((sum, value) => sum + value * value, 0));
    }),
  );
}

/** Smallest nonzero eigenvalue, from above, by a few power steps with the pseudo-inverse. */
function smallestEigenvalue(apply: PseudoInverse, size: number): number {
  let v: Float64Array = Float64Array.from({ length: size }, (_, i) => Math.cos(i * i + 1)); // any fixed direction
  let growth = 0;
  for (let step = 0; step < 6; step++) {
    const norm = Math.sqrt(v.reduce((sum, value) => sum + value * value, 0));
    v = apply(v.map((value) => value / norm));
    growth = Math.sqrt(v.reduce((sum, value) => sum + value * value, 0));
  }
  return 1 / growth;
}

function fromEigen(lower: Float64Array, size: number, tolerance: number): PseudoInverse {
  const a = lower.slice();
  for (let i = 0; i < size; i++) for (let j = 0; j < i; j++) a[j * size + i] = a[i * size + j]!;
  const { values, vectors } = symmetricEigen(a, size);
  const first = values.findIndex((value) => value > tolerance);
  return (v) => {
    const out = new Float64Array(size);
    for (let q = first < 0 ? size : first; q < size; q++) {
      let dot = 0;
      for (let i = 0; i < size; i++) dot += vectors[q * size + i]! * v[i]!;
      dot /= values[q]!;
      for (let i = 0; i < size; i++) out[i]! += dot * vectors[q * size + i]!;
    }
    return out;
  };
}
