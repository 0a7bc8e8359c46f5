/** @file The inverse of a Cholesky factor, block row by block row, products in a graph. */

import type { Matrices } from "./factor.ts";
import { input, matMul, neg } from "./graph/index.ts";
import { float64, kernel } from "./kernels.ts";
import { invertLower } from "./linear-algebra.ts";

const width = 64;

/** L⁻¹ of the first matrix's factor L (lower triangle), [size, size] with zeros above the diagonal. */
export async function invertFactor({ data, size }: Matrices): Promise<Float64Array> {
  const inverse = new Float64Array(size * size);
  const session = await kernel("invert factor", () => {
    const own = input("own", ["width", "width"], "float64");
    const left = input("left", ["width", "inner"], "float64");
    const above = input("above", ["inner", "inner"], "float64");
    return { row: neg(matMul(own, matMul(left, above))) };
  });
  for (let start = 0; start < size; start += width) {
    const end = Math.min(start + width, size);
    const step = end - start;
    const own = invertLower({ data, offset: start * size + start, stride: size, size: step });
    for (let i = 0; i < step; i++) {
      inverse.set(own.subarray(i * step, (i + 1) * step), (start + i) * size + start);
    }
    if (start === 0) continue;
    const left = new Float64Array(step * start);
    const above = new Float64Array(start * start);
    for (let i = 0; i < step; i++) {
      left.set(data.subarray((start + i) * size, (start + i) * size + start), i * start);
    }
    for (let i = 0; i < start; i++) {
      above.set(inverse.subarray(i * size, i * size + start), i * start);
    }
    const { row } = await session.run({
      own: float64(own, step, step),
      left: float64(left, step, start),
      above: float64(above, start, start),
    });
    const values = row!.data as Float64Array;
    for (let i = 0; i < step; i++) {
      inverse.set(values.subarray(i * start, (i + 1) * start), (start + i) * size);
    }
  }
  return inverse;
}
