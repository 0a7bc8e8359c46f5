/** @file Small symmetric linear algebra in float64, row-major: factorisations, solves, eigenvectors. */

/** Σ a b. */
export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/** Adds factor · from. */
export function addScaled(to: Float64Array, from: Float64Array, factor: number): void {
  for (let i = 0; i < to.length; i++) to[i]! += factor * from[i]!;
}

/** Rows and columns that are mirrored together, so that what is written stays near. */
const tile = 32;

/** Writes the upper triangle of a [size, size] matrix from its lower one. */
export function mirrorLower(a: Float64Array, size: number): void {
  for (let top = 0; top < size; top += tile) {
    const bottom = Math.min(top + tile, size);
    for (let left = 0; left <= top; left += tile) {
      for (let i = top; i < bottom; i++) {
        const end = Math.min(left + tile, i);
        for (let j = left; j < end; j++) a[j * size + i] = a[i * size + j]!;
      }
    }
  }
}

/** A square block inside a larger row-major matrix. */
export type Block = {
  readonly data: Float64Array;
  /** Where its first element lies. */
  readonly offset: number;
  /** Elements from one row to the next. */
  readonly stride: number;
  readonly size: number;
};

/**
 * Cholesky factor in place: the lower triangle of a symmetric positive semidefinite block becomes L
 * with A = L Lᵀ; the upper triangle keeps A. A pivot not above `floor` marks a column that depends on
 * the ones before it: its column of L is zero, and so is its diagonal, which is how callers find it.
 */
export function cholesky({ data, offset, stride, size }: Block, floor: number): void {
  for (let i = 0; i < size; i++) {
    const row = offset + i * stride;
    for (let j = 0; j <= i; j++) {
      const other = offset + j * stride;
      let [a, b] = [0, 0]; // two sums that do not wait for each other
      let k = 0;
      for (; k + 1 < j; k += 2) {
        a += data[row + k]! * data[other + k]!;
        b += data[row + k + 1]! * data[other + k + 1]!;
      }
      if (k < j) a += data[row + k]! * data[other + k]!;
      const sum = data[row + j]! - (a + b);
      if (i === j) {
        data[row + i] = sum > floor ? Math.sqrt(sum) : 0;
      } else {
        const pivot = data[other + j]!;
        data[row + j] = pivot === 0 ? 0 : sum / pivot;
      }
    }
  }
}

/** Inverse of a lower triangle as [size, size]; a zero pivot gives a zero row and column. */
export function invertLower({ data, offset, stride, size }: Block): Float64Array {
  const inverse = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    const row = offset + i * stride;
    const pivot = data[row + i]!;
    if (pivot === 0) continue;
    for (let k = 0; k < i; k++) {
      const factor = data[row + k]! / pivot;
      for (let j = 0; j <= k; j++) inverse[i * size + j]! -= factor * inverse[k * size + j]!;
    }
    inverse[i * size + i] = 1 / pivot;
  }
  return inverse;
}

/** Solves L y = v in place, then Lᵀ x = y; unknowns with a zero pivot become zero. */
export function solveCholesky({ data, offset, stride, size }: Block, v: Float64Array): void {
  for (let i = 0; i < size; i++) {
    const row = offset + i * stride;
    // Four sums that do not wait for each other.
    let [a, b, c, d] = [0, 0, 0, 0];
    let k = 0;
    for (; k + 3 < i; k += 4) {
      a += data[row + k]! * v[k]!;
      b += data[row + k + 1]! * v[k + 1]!;
      c += data[row + k + 2]! * v[k + 2]!;
      d += data[row + k + 3]! * v[k + 3]!;
    }
    for (; k < i; k++) a += data[row + k]! * v[k]!;
    const pivot = data[row + i]!;
    v[i] = pivot === 0 ? 0 : (v[i]! - (a + b + (c + d))) / pivot;
  }
  for (let i = size - 1; i >= 0; i--) {
    const row = offset + i * stride;
    const pivot = data[row + i]!;
    if (pivot === 0) {
      v[i] = 0;
      continue;
    }
    const x = v[i]! / pivot;
    v[i] = x;
    for (let k = 0; k < i; k++) v[k]! -= data[row + k]! * x;
  }
}

/** Eigenvalues in ascending order; row i of `vectors` [n, n] is the unit eigenvector of value i. */
export type Eigen = { readonly values: Float64Array; readonly vectors: Float64Array };

/** Eigenvalues and vectors of a symmetric [n, n] matrix: Householder reduction, then implicit QL. */
export function symmetricEigen(a: Float64Array, n: number): Eigen {
  const v = a.slice();
  const diagonal = new Float64Array(n);
  const off = new Float64Array(n);
  tridiagonalise(v, diagonal, off);
  diagonaliseQl(v, diagonal, off);
  const order = Array.from(diagonal.keys()).sort((i, j) => diagonal[i]! - diagonal[j]!);
  const vectors = new Float64Array(n * n);
  order.forEach((from, to) => {
    vectors.set(v.subarray(from * n, (from + 1) * n), to * n);
  });
  return { values: Float64Array.from(order, (i) => diagonal[i]!), vectors };
}

/**
 * Reduces symmetric `a` to tridiagonal T = Q A Qᵀ by reflections: T's diagonal and the elements left
 * of it (off[0] unused) are written, and `a` becomes Q, one basis vector a row.
 */
function tridiagonalise(a: Float64Array, diagonal: Float64Array, off: Float64Array): void {
  const n = diagonal.length;
  const reflections: (Float64Array | null)[] = [];
  const p = new Float64Array(n);
  for (let i = n - 1; i > 0; i--) {
    diagonal[i] = a[i * n + i]!;
    const u = a.slice(i * n, i * n + i); // row i left of the diagonal, to be reflected onto e_{i-1}
    let norm = 0;
    for (let k = 0; k < i; k++) norm = Math.hypot(norm, u[k]!);
    const reflected = norm > 0 && norm !== Math.abs(u[i - 1]!);
    off[i] = reflected ? (u[i - 1]! > 0 ? -norm : norm) : u[i - 1]!;
    if (!reflected) {
      reflections.push(null);
      continue;
    }
    u[i - 1]! -= off[i]!;
    let length = 0;
    for (let k = 0; k < i; k++) {
      u[k]! /= norm; // first, so that squares of tiny numbers do not vanish
      length += u[k]! * u[k]!;
    }
    const unit = Math.sqrt(2 / length); // with u of length √2, H = I - u uᵀ
    for (let k = 0; k < i; k++) u[k]! *= unit;
    let half = 0;
    for (let r = 0; r < i; r++) {
      let sum = 0;
      for (let c = 0; c < i; c++) sum += a[r * n + c]! * u[c]!;
      p[r] = sum;
      half += sum * u[r]!;
    }
    for (let r = 0; r < i; r++) p[r]! -= (half / 2) * u[r]!;
    for (let r = 0; r < i; r++) {
      const ur = u[r]!;
      const pr = p[r]!;
      for (let c = 0; c < i; c++) a[r * n + c]! -= ur * p[c]! + pr * u[c]!;
    }
    reflections.push(u);
  }
  diagonal[0] = a[0]!;
  a.fill(0);
  for (let i = 0; i < n; i++) a[i * n + i] = 1;
  for (const u of reflections.reverse()) if (u !== null) reflectRows(a, n, u);
}

/** Q ← Q H for H = I - u uᵀ acting on the first u.length coordinates. */
function reflectRows(q: Float64Array, n: number, u: Float64Array): void {
  const m = u.length;
  for (let r = 0; r <= m; r++) {
    let dot = 0;
    for (let k = 0; k < m; k++) dot += q[r * n + k]! * u[k]!;
    for (let k = 0; k < m; k++) q[r * n + k]! -= dot * u[k]!;
  }
}

/** Implicit QL with Wilkinson shifts; rotations are applied to the rows of `v`. */
function diagonaliseQl(v: Float64Array, d: Float64Array, off: Float64Array): void {
  const n = d.length;
  const e = new Float64Array(n);
  e.set(off.subarray(1)); // e[i] couples i and i + 1
  const size = d.reduce((largest, x, i) => Math.max(largest, Math.abs(x) + Math.abs(e[i]!)), 0);
  for (let low = 0; low < n; low++) {
    for (let iteration = 0; ; iteration++) {
      let m = low;
      while (m < n - 1 && Math.abs(e[m]!) > Number.EPSILON * size) m += 1;
      if (m === low) break;
      if (iteration === 60) throw new Error("internal: eigenvalues did not converge in 60 steps");
      let g = (d[low + 1]! - d[low]!) / (2 * e[low]!);
      let r = Math.hypot(g, 1);
      g = d[m]! - d[low]! + e[low]! / (g + (g < 0 ? -r : r));
      let s = 1;
      let c = 1;
      let p = 0;
      let i = m - 1;
      for (; i >= low; i--) {
        const f = s * e[i]!;
        const b = c * e[i]!;
        r = Math.hypot(f, g);
        e[i + 1] = r;
        if (r === 0) {
          d[i + 1]! -= p;
          e[m] = 0;
          break;
        }
        s = f / r;
        c = g / r;
        g = d[i + 1]! - p;
        r = (d[i]! - g) * s + 2 * c * b;
        p = s * r;
        d[i + 1] = g + p;
        g = c * r - b;
        const [above, below] = [i * n, (i + 1) * n] as const;
        for (let k = 0; k < n; k++) {
          const x = v[below + k]!;
          const y = v[above + k]!;
          v[below + k] = s * y + c * x;
          v[above + k] = c * y - s * x;
        }
      }
      if (r === 0 && i >= low) continue;
      d[low]! -= p;
      e[low] = g;
      e[m] = 0;
    }
  }
}
