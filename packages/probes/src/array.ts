/** @file Dense matrices, and the loops over them that are too light for a graph. */

/** Numbers in rows, row-major. */
export type Matrix = {
  readonly rows: number;
  readonly columns: number;
  readonly data: Float32Array;
};

/** Data that cannot be probed: the message says where and what. */
export class DataError extends Error {
  override readonly name = "DataError";
}

/** A matrix over the given numbers. */
export function matrix(rows: number, columns: number, data: Float32Array): Matrix {
  if (data.length !== rows * columns) {
    throw new DataError(`matrix: expected ${rows} x ${columns} numbers, got ${data.length}`);
  }
  return { rows, columns, data };
}

/** A matrix from rows of numbers. */
export function matrixOf(rows: readonly (readonly number[])[]): Matrix {
  return matrix(rows.length, rows[0]?.length ?? 0, Float32Array.from(rows.flat()));
}

/** The given rows of a matrix, copied in order. */
export function takeRows({ columns, data }: Matrix, rows: ArrayLike<number>): Matrix {
  const taken = new Float32Array(rows.length * columns);
  for (let i = 0; i < rows.length; i++) {
    const start = rows[i]! * columns;
    taken.set(data.subarray(start, start + columns), i * columns);
  }
  return { rows: rows.length, columns, data: taken };
}

/** The given elements of a vector, copied in order. */
export function take<T extends Int32Array | Float32Array | Float64Array>(
  values: T,
  rows: ArrayLike<number>,
): T {
  const taken = new (values.constructor as new (length: number) => T)(rows.length);
  for (let i = 0; i < rows.length; i++) taken[i] = values[rows[i]!]!;
  return taken;
}

/** Mean of every column, summed in float64. */
export function columnMeans({ rows, columns, data }: Matrix): Float64Array {
  const sums = new Float64Array(columns);
  let i = 0;
  for (; i + 3 < rows; i += 4) {
    const a = i * columns;
    const [b, c, d] = [a + columns, a + 2 * columns, a + 3 * columns];
    for (let j = 0; j < columns; j++) {
      sums[j]! += data[a + j]! + data[b + j]! + (data[c + j]! + data[d + j]!);
    }
  }
  for (; i < rows; i++) for (let j = 0; j < columns; j++) sums[j]! += data[i * columns + j]!;
  for (let j = 0; j < columns; j++) sums[j]! /= rows;
  return sums;
}

/** The matrix with a row vector subtracted from every row. */
export function subtractRow({ rows, columns, data }: Matrix, row: ArrayLike<number>): Matrix {
  const centred = new Float32Array(data.length);
  for (let i = 0, at = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++, at++) centred[at] = data[at]! - row[j]!;
  }
  return { rows, columns, data: centred };
}

/** Refuses NaN and infinities, naming the first one. */
export function requireFinite({ columns, data }: Matrix, name: string): void {
  let sum = 0;
  for (let i = 0; i < data.length; i++) sum += data[i]! * 0;
  if (sum === 0) return;
  const at = data.findIndex((value) => !Number.isFinite(value));
  throw new DataError(
    `${name}: expected finite numbers, got ${data[at]} in row ${Math.floor(at / columns)}, column ${at % columns}`,
  );
}

/** Position of the largest element (the first of equals). */
export function argMax(values: ArrayLike<number>, start = 0, end = values.length): number {
  let best = start;
  for (let i = start + 1; i < end; i++) if (values[i]! > values[best]!) best = i;
  return best - start;
}
