/** @file Cholesky factors of many matrices at once: the diagonal blocks here, the products in a graph. */

import { input, matMul, sub } from "./graph/index.ts";
import { float64, kernel } from "./kernels.ts";
import { type Block, cholesky, invertLower } from "./linear-algebra.ts";

/** Columns per step. Wider steps copy less but leave more to plain loops. */
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
  const scratch = createScratch(matrices);
  for (let start = 0; start < size; start += width) {
    const columns = { start, end: Math.min(start + width, size) };
    const rows = { start, end: size };
    const step = columns.end - start;
    let panel = copyOut(matrices, { rows, columns }, scratch.panel);
    if (start > 0) {
      const left = { start: 0, end: start };
      const subtract = await subtractKernel();
      const { result } = await subtract.run(
        {
          panel: float64(panel, count, size - start, step),
          left: float64(
            copyOut(matrices, { rows, columns: left }, scratch.left),
            count,
            size - start,
            start,
          ),
          head: float64(
            copyOut(matrices, { rows: columns, columns: left }, scratch.head),
            count,
            step,
            start,
          ),
        },
        { result: float64(panel, count, size - start, step) }, // the subtraction is element-wise
      );
      panel = result!.data as Float64Array;
    }
    const inverses = invertDiagonals(panel, { count, rows: size - start, step }, floor);
    const divide = await divideKernel();
    const { result } = await divide.run(
      {
        panel: float64(panel, count, size - start, step),
        inverse: float64(inverses, count, step, step),
      },
      { result: float64(scratch.result.subarray(0, panel.length), count, size - start, step) },
    );
    copyIn(matrices, result!.data as Float64Array, { rows, columns });
  }
}

/** panel - left headᵀ: what the columns to the left have not explained. */
const subtractKernel = () =>
  kernel("factor subtract", () => {
    const panel = input("panel", ["count", "rows", "width"], "float64");
    const left = input("left", ["count", "rows", "inner"], "float64");
    const head = input("head", ["count", "width", "inner"], "float64");
    return { result: sub(panel, matMul(left, head, { transposeB: true })) };
  });

/** panel (L⁻¹)ᵀ for the factor L of the panel's top block, which itself becomes L. */
const divideKernel = () =>
  kernel("factor divide", () => {
    const panel = input("panel", ["count", "rows", "width"], "float64");
    const inverse = input("inverse", ["count", "width", "width"], "float64");
    return { result: matMul(panel, inverse, { transposeB: true }) };
  });

type Panels = { readonly count: number; readonly rows: number; readonly step: number };

/** L⁻¹ of the top block of every panel. */
function invertDiagonals(
  panel: Float64Array,
  { count, rows, step }: Panels,
  floor: number,
): Float64Array {
  const inverses = new Float64Array(count * step * step);
  for (let i = 0; i < count; i++) {
    const top = panel.slice(i * rows * step, (i * rows + step) * step);
    const block = { data: top, offset: 0, stride: step, size: step };
    cholesky(block, floor);
    inverses.set(invertLower(block), i * step * step);
  }
  return inverses;
}

/** Buffers for the largest panels, used again in every step. */
function createScratch({ count, size }: Matrices) {
  const half = Math.ceil(size / 2) + width;
  return {
    panel: new Float64Array(count * size * width),
    result: new Float64Array(count * size * width),
    left: new Float64Array(count * half * half), // rows times columns is largest in the middle
    head: new Float64Array(count * width * size),
  };
}

type Span = { readonly start: number; readonly end: number };
type Area = { readonly rows: Span; readonly columns: Span };

function copyOut(
  { data, count, size }: Matrices,
  { rows, columns }: Area,
  to: Float64Array,
): Float64Array {
  const step = columns.end - columns.start;
  let at = 0;
  for (let i = 0; i < count; i++) {
    for (let r = rows.start; r < rows.end; r++, at += step) {
      const from = (i * size + r) * size + columns.start;
      if (step > 64) to.set(data.subarray(from, from + step), at);
      else for (let j = 0; j < step; j++) to[at + j] = data[from + j]!;
    }
  }
  return to.subarray(0, at);
}

/** Writes a panel back, but never above the diagonal. */
function copyIn(
  { data, count, size }: Matrices,
  panel: Float64Array,
  { rows, columns }: Area,
): void {
  const step = columns.end - columns.start;
  let at = 0;
  for (let i = 0; i < count; i++) {
    for (let r = rows.start; r < rows.end; r++, at += step) {
      const length = Math.min(columns.end, r + 1) - columns.start;
      const to = (i * size + r) * size + columns.start;
      for (let j = 0; j < length; j++) data[to + j] = panel[at + j]!;
    }
  }
}
