/** @file Cholesky factors of many matrices at once: the diagonal blocks here, the products in a graph. */

import { input, matMul, sub } from "./graph/index.ts";
import { float64, kernel } from "./kernels.ts";
import { type Block, cholesky, invertLower } from "./linear-algebra.ts";

/** Columns per step; below it, everything is done without a graph. */
const width = 64;

/** Square matrices of one size, one after another. */
export type Matrices = {
  readonly data: Float64Array;
  readonly count: number;
  readonly size: number;
};

/** One of the matrices, as a block that can be changed in place. */
export const matrixAt = ({ data, size }: Matrices, index: number): Block => ({
  data,
  offset: index * size * size,
  stride: size,
  size,
});

/**
 * Replaces the lower triangle of every symmetric positive semidefinite matrix by its Cholesky factor,
 * with the meaning of `cholesky` (zero columns where a pivot is not above `floor`). The upper triangles stay.
 */
export async function factorAll(matrices: Matrices, floor: number): Promise<void> {
  const { count, size } = matrices;
  for (let start = 0; start < size; start += width) {
    const end = Math.min(start + width, size);
    if (start > 0) await subtractLeft(matrices, start, end);
    const inverses = new Float64Array(count * (end - start) ** 2);
    for (let i = 0; i < count; i++) {
      const block = diagonalBlock(matrices, i, { start, end });
      cholesky(block, floor);
      if (end < size) inverses.set(invertLower(block), i * (end - start) ** 2);
    }
    if (end < size) await divideBelow(matrices, { start, end }, inverses);
  }
}

type Columns = { readonly start: number; readonly end: number };

const diagonalBlock = (
  { data, size }: Matrices,
  index: number,
  { start, end }: Columns,
): Block => ({
  data,
  offset: index * size * size + start * size + start,
  stride: size,
  size: end - start,
});

/** A[start.., start..end] -= L[start.., ..start] L[start..end, ..start]ᵀ */
async function subtractLeft(matrices: Matrices, start: number, end: number): Promise<void> {
  const { count, size } = matrices;
  const session = await kernel("factor subtract", () => {
    const panel = input("panel", ["count", "rows", "width"], "float64");
    const left = input("left", ["count", "rows", "inner"], "float64");
    const head = input("head", ["count", "width", "inner"], "float64");
    return { result: sub(panel, matMul(left, head, { transposeB: true })) };
  });
  const rows = { start, end: size };
  const panel = copyOut(matrices, rows, { start, end });
  const left = copyOut(matrices, rows, { start: 0, end: start });
  const head = copyOut(matrices, { start, end }, { start: 0, end: start });
  const result = await session.run(
    {
      panel: float64(panel, count, size - start, end - start),
      left: float64(left, count, size - start, start),
      head: float64(head, count, end - start, start),
    },
    { result: float64(panel, count, size - start, end - start) }, // sub is element-wise
  );
  copyIn(matrices, result.result!.data as Float64Array, { rows, columns: { start, end } });
}

/** L[end.., start..end] = A[end.., start..end] (L[start..end, start..end]⁻¹)ᵀ */
async function divideBelow(
  matrices: Matrices,
  columns: Columns,
  inverses: Float64Array,
): Promise<void> {
  const { count, size } = matrices;
  const step = columns.end - columns.start;
  const session = await kernel("factor divide", () => {
    const panel = input("panel", ["count", "rows", "width"], "float64");
    const inverse = input("inverse", ["count", "width", "width"], "float64");
    return { result: matMul(panel, inverse, { transposeB: true }) };
  });
  const rows = { start: columns.end, end: size };
  const result = await session.run({
    panel: float64(copyOut(matrices, rows, columns), count, size - columns.end, step),
    inverse: float64(inverses, count, step, step),
  });
  copyIn(matrices, result.result!.data as Float64Array, { rows, columns });
}

function copyOut({ data, count, size }: Matrices, rows: Columns, columns: Columns): Float64Array {
  const step = columns.end - columns.start;
  const out = new Float64Array(count * (rows.end - rows.start) * step);
  let at = 0;
  for (let i = 0; i < count; i++) {
    for (let r = rows.start; r < rows.end; r++, at += step) {
      const from = (i * size + r) * size;
      out.set(data.subarray(from + columns.start, from + columns.end), at);
    }
  }
  return out;
}

/** Writes a panel back, but never above the diagonal. */
function copyIn(
  { data, count, size }: Matrices,
  panel: Float64Array,
  { rows, columns }: { readonly rows: Columns; readonly columns: Columns },
): void {
  const step = columns.end - columns.start;
  let at = 0;
  for (let i = 0; i < count; i++) {
    for (let r = rows.start; r < rows.end; r++, at += step) {
      const end = Math.min(columns.end, r + 1);
      const length = end - columns.start;
      data.set(panel.subarray(at, at + length), (i * size + r) * size + columns.start);
    }
  }
}
