/** @file Features that are larger than memory: read a block of rows at a time, in passes over all of them. */

import { DataError, type Matrix, subtractRow } from "./array.ts";

/** A feature matrix that is not in memory. */
export type RowSource = {
  readonly rows: number;
  readonly columns: number;
  /** Rows [start, end), row-major; the caller may change them. */
  readonly read: (start: number, end: number) => Float32Array;
  /** Rows of a block; 32 MiB of them when not given. */
  readonly blockRows?: number;
};

/** Numbers of one block: 32 MiB. */
const blockLimit = 2 ** 23;

/** Whether features are read in blocks. */
export const isSource = (features: Matrix | RowSource): features is RowSource => "read" in features;

/** Rows and columns of a source as a matrix whose numbers can not be had at once: asking for them says so. */
export function unloaded({ rows, columns }: RowSource): Matrix {
  return {
    rows,
    columns,
    get data(): Float32Array {
      throw new DataError(
        `features: ${rows} x ${columns} numbers are to be read in blocks, but this classifier needs all of them at once`,
      );
    },
  };
}

/** A block of rows and where it starts. */
export type Block = { readonly start: number; readonly end: number; readonly matrix: Matrix };

/** Every block of a source, in order. */
export function* blocksOf(source: RowSource): Generator<Block> {
  const { rows, columns } = source;
  const step = rowsPerBlock(source);
  for (let start = 0; start < rows; start += step) {
    const end = Math.min(start + step, rows);
    yield { start, end, matrix: { rows: end - start, columns, data: source.read(start, end) } };
  }
}

/** Rows of every block but the last. */
export const rowsPerBlock = ({ columns, blockRows }: RowSource) =>
  blockRows ?? Math.max(1, Math.floor(blockLimit / columns));

/** Every block less a row vector. */
export function* centredBlocks(source: RowSource, mean: ArrayLike<number>): Generator<Block> {
  for (const block of blocksOf(source)) yield { ...block, matrix: subtractRow(block.matrix, mean) };
}

/** Mean of every column, summed in float64; refuses NaN and infinities, naming the first one. */
export function sourceMeans(source: RowSource): Float64Array {
  const { rows, columns } = source;
  const sums = new Float64Array(columns);
  for (const { start, matrix } of blocksOf(source)) {
    const { data } = matrix;
    const own = new Float64Array(columns);
    for (let i = 0, at = 0; i < matrix.rows; i++) {
      for (let j = 0; j < columns; j++, at++) own[j]! += data[at]!;
    }
    if (own.some((sum) => !Number.isFinite(sum))) {
      const at = data.findIndex((value) => !Number.isFinite(value));
      throw new DataError(
        `features: expected finite numbers, got ${data[at]} in row ${start + Math.floor(at / columns)}, column ${at % columns}`,
      );
    }
    for (let j = 0; j < columns; j++) sums[j]! += own[j]!;
  }
  return sums.map((sum) => sum / rows);
}

/** A list of rows by ascending row, so that each block's part of it is found at once. */
export type RowList = {
  readonly rows: Uint32Array;
  /** Where in the original list each row stands; null where that is in the same order. */
  readonly places: Uint32Array | null;
};

export function rowList(rows: Uint32Array): RowList {
  let ascending = true;
  for (let i = 1; i < rows.length && ascending; i++) ascending = rows[i - 1]! <= rows[i]!;
  if (ascending) return { rows, places: null };
  const places = Uint32Array.from(rows.keys()).sort((a, b) => rows[a]! - rows[b]!);
  return { rows: places.map((place) => rows[place]!), places };
}

/** The part of a list that lies in a block: rows counted from its start, and their places in the original list. */
export function rowsWithin(
  { rows, places }: RowList,
  { start, end }: Pick<Block, "start" | "end">,
): { readonly rows: Uint32Array; readonly places: Uint32Array } {
  const first = countBelow(rows, start);
  const last = countBelow(rows, end);
  return {
    rows: rows.slice(first, last).map((row) => row - start),
    places:
      places === null
        ? Uint32Array.from({ length: last - first }, (_, i) => first + i)
        : places.subarray(first, last),
  };
}

/** How many of ascending rows are below a bound. */
function countBelow(rows: Uint32Array, bound: number): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (rows[middle]! < bound) low = middle + 1;
    else high = middle;
  }
  return low;
}
