/** @file Xᵀ X by row blocks, only its lower triangle. */

import type { Matrix } from "./array.ts";
import { cast, gather, input, matMul, slice } from "./graph/index.ts";
import { float32, float64, kernel } from "./kernels.ts";

/** Numbers of one row block: 64 MiB once in float64. */
const blockLimit = 2 ** 23;

/** Columns are cut in this many pieces: 10 of the 16 products of pieces are needed. */
const pieces = 4;

/** Σ x xᵀ over all rows, [columns, columns]; only the lower triangle is meaningful. */
export async function momentsOfRows(x: Matrix): Promise<Float64Array> {
  const sums = new Float64Array(x.columns ** 2);
  const { add } = createMoments(x);
  await add(
    Uint32Array.from({ length: x.rows }, (_, i) => i),
    sums,
  );
  return sums;
}

/** The same in float32: to about 1e-5 of the diagonal, in half the time. */
export async function roughMomentsOfRows(x: Matrix): Promise<Float64Array> {
  const sums = new Float64Array(x.columns ** 2);
  const { add } = createMoments(x, "float32");
  await add(
    Uint32Array.from({ length: x.rows }, (_, i) => i),
    sums,
  );
  return sums;
}

/** Adds Σ x xᵀ over the given rows of a matrix to the lower triangle of `sums`. */
export type Moments = { add(rows: Uint32Array, sums: Float64Array): Promise<void> };

/** Prepares sums over rows of a matrix; the buffers are used again in every call. */
export function createMoments(
  { rows: height, columns, data }: Matrix,
  precision: Precision = "float64",
): Moments {
  const step = Math.max(256, Math.floor(blockLimit / columns));
  const spans = cut(columns);
  const into = Object.fromEntries(
    spans.map(({ name, start, end }) => {
      const size = (end - start) * end;
      const shape = [end - start, end] as const;
      return precision === "float64"
        ? [name, float64(new Float64Array(size), ...shape)]
        : [name, float32(new Float32Array(size), ...shape)];
    }),
  );
  return {
    async add(rows, sums) {
      const session = await momentsKernel(columns, spans, precision);
      for (let from = 0; from < rows.length; from += step) {
        const order = Int32Array.from(rows.subarray(from, from + step));
        const feeds = {
          x: float32(data, height, columns),
          order: { data: order, shape: [order.length] },
        };
        const products = await session.run(feeds, into);
        for (const span of spans) {
          addPiece(sums, products[span.name]!.data as Float64Array | Float32Array, {
            ...span,
            columns,
          });
        }
      }
    },
  };
}

type Precision = "float64" | "float32";

type Piece = { readonly name: string; readonly start: number; readonly end: number };

function cut(columns: number): readonly Piece[] {
  return Array.from({ length: pieces }, (_, i) => ({
    name: `piece${i}`,
    start: Math.floor((i * columns) / pieces),
    end: Math.floor(((i + 1) * columns) / pieces),
  })).filter(({ start, end }) => end > start);
}

/** Rows start..end of the product, as far as they reach to the right: [end - start, end]. */
function momentsKernel(columns: number, spans: readonly Piece[], precision: Precision) {
  return kernel(`moments ${columns} ${precision}`, () => {
    const rows = gather(input("x", ["height", columns]), input("order", ["rows"], "int32"));
    const x = precision === "float64" ? cast(rows, "float64") : rows;
    return Object.fromEntries(
      spans.map(({ name, start, end }) => {
        const own = slice(x, 1, { start, end });
        const upTo = slice(x, 1, { start: 0, end });
        return [name, matMul(own, upTo, { transposeA: true })]; // [end - start, end]
      }),
    );
  });
}

type Span = { readonly columns: number; readonly start: number; readonly end: number };

function addPiece(
  sums: Float64Array,
  piece: Float64Array | Float32Array,
  { columns, start, end }: Span,
): void {
  for (let i = start, at = 0; i < end; i++, at += end) {
    const to = i * columns;
    for (let j = 0; j <= i; j++) sums[to + j]! += piece[at + j]!;
  }
}
