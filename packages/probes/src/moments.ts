/** @file Xᵀ X in float64 by row blocks, only its lower triangle. */

import type { Matrix } from "./array.ts";
import { cast, input, matMul, slice } from "./graph/index.ts";
import { float32, kernel } from "./kernels.ts";

/** Numbers of one row block: 64 MiB once in float64. */
const blockLimit = 2 ** 23;

/** Columns are cut in this many pieces: 10 of the 16 products of pieces are needed. */
const pieces = 4;

/** Σ x xᵀ over the rows, [columns, columns]; only the lower triangle is meaningful. */
export async function momentsOfRows(x: Matrix): Promise<Float64Array> {
  const sums = new Float64Array(x.columns ** 2);
  await addMoments(x, sums);
  return sums;
}

/** Adds Σ x xᵀ over the rows to the lower triangle of `sums`. */
export async function addMoments(
  { rows, columns, data }: Matrix,
  sums: Float64Array,
): Promise<void> {
  const step = Math.max(256, Math.floor(blockLimit / columns));
  const starts = Array.from({ length: pieces + 1 }, (_, i) => Math.floor((i * columns) / pieces));
  const session = await momentsKernel(columns, starts);
  for (let row = 0; row < rows; row += step) {
    const count = Math.min(step, rows - row);
    const block = data.subarray(row * columns, (row + count) * columns);
    const products = await session.run({ x: float32(block, count, columns) });
    for (let i = 0; i < pieces; i++) {
      const piece = products[`piece${i}`]?.data as Float64Array | undefined;
      const span = { columns, start: starts[i]!, end: starts[i + 1]! };
      if (piece !== undefined) addPiece(sums, piece, span);
    }
  }
}

/** Rows start..end of the product, as far as they reach to the right: [end - start, end]. */
function momentsKernel(columns: number, starts: readonly number[]) {
  return kernel(`moments ${columns}`, () => {
    const x = cast(input("x", ["rows", columns]), "float64");
    const outputs: Record<string, ReturnType<typeof matMul>> = {};
    for (let i = 0; i < pieces; i++) {
      const [start, end] = [starts[i]!, starts[i + 1]!];
      if (start === end) continue; // fewer columns than pieces
      const own = slice(x, 1, { start, end });
      const upTo = slice(x, 1, { start: 0, end });
      outputs[`piece${i}`] = matMul(own, upTo, { transposeA: true }); // [end - start, end]
    }
    return outputs;
  });
}

type Span = { readonly columns: number; readonly start: number; readonly end: number };

function addPiece(sums: Float64Array, piece: Float64Array, { columns, start, end }: Span): void {
  for (let i = start, at = 0; i < end; i++, at += end) {
    const to = i * columns;
    for (let j = 0; j <= i; j++) sums[to + j]! += piece[at + j]!;
  }
}
