/** @file Cholesky factors of many matrices at once: the diagonal blocks here, the products in a graph. */

import { input, matMul, slice, sub } from "./graph/index.ts";
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
  const all = matrices.count * matrices.size * Math.min(width, matrices.size);
  const panels = borrow(all);
  const results = borrow(all);
  try {
    await factorPanels(matrices, floor, { panels, results });
  } finally {
    idle.push(panels, results);
    idle.splice(0, Math.max(0, idle.length - mostIdle));
  }
}

type Buffers = { readonly panels: Float64Array; readonly results: Float64Array };

async function factorPanels(
  matrices: Matrices,
  floor: number,
  { panels, results }: Buffers,
): Promise<void> {
  const { data, count, size } = matrices;
  const whole = float64(data, count, size, size);
  for (let start = 0; start < size; start += width) {
    const step = Math.min(width, size - start);
    const shape = [count, size - start, step] as const;
    const length = count * (size - start) * step;
    const panel = panels.subarray(0, length);
    const subtract = await subtractKernel({ size, start, step });
    await subtract.run({ whole }, { panel: float64(panel, ...shape) });
    const inverses = invertDiagonals(panel, { count, rows: size - start, step }, floor);
    const divide = await divideKernel();
    const result = results.subarray(0, length);
    await divide.run(
      { panel: float64(panel, ...shape), inverse: float64(inverses, count, step, step) },
      { result: float64(result, ...shape) },
    );
    copyIn(matrices, result, { start, step });
  }
}

type Step = { readonly start: number; readonly step: number };

/** Columns start .. start + step from the diagonal down, less what the columns to their left explain. */
const subtractKernel = ({ size, start, step }: Step & { readonly size: number }) =>
  kernel(`factor subtract ${size} ${start}`, () => {
    const end = start + step;
    const rows = slice(input("whole", ["count", size, size], "float64"), 1, { start, end: size });
    const panel = slice(rows, 2, { start, end });
    if (start === 0) return { panel };
    const left = slice(rows, 2, { start: 0, end: start });
    const head = slice(left, 1, { start: 0, end: step });
    return { panel: sub(panel, matMul(left, head, { transposeB: true })) };
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

/** Buffers of earlier calls that nobody uses now: fresh memory costs more than what is done in it. */
const idle: Float64Array[] = [];
const mostIdle = 4;

function borrow(length: number): Float64Array {
  const at = idle.findIndex((buffer) => buffer.length >= length);
  return (at < 0 ? undefined : idle.splice(at, 1)[0]) ?? new Float64Array(length);
}

/** Writes a panel back, but never above the diagonal. */
function copyIn({ data, count, size }: Matrices, panel: Float64Array, { start, step }: Step): void {
  let at = 0;
  for (let i = 0; i < count; i++) {
    for (let r = start; r < size; r++, at += step) {
      const length = Math.min(step, r + 1 - start);
      const to = (i * size + r) * size + start;
      for (let j = 0; j < length; j++) data[to + j] = panel[at + j]!;
    }
  }
}
