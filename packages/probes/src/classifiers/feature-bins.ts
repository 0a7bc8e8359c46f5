/** @file Features as numbers of bins, so that a tree finds its splits by counting instead of sorting. */

import type { Matrix } from "../array.ts";
import type { Random } from "../random.ts";

/** The most bins of a feature; a bin's number fits a byte. */
export const mostBins = 256;

/** Training rows that the edges are made from; more would not move quantiles by a bin. */
const sampleSize = 8192;

/** Bin of every row's value of every feature. */
export type Bins = {
  readonly rows: number;
  readonly columns: number;
  /** Feature by feature: [columns, rows]. */
  readonly data: Uint8Array;
};

/** Bins of all rows, between edges that are quantiles of (a sample of) the training rows. */
export function binFeatures(
  { rows, columns, data }: Matrix,
  { train, random }: { readonly train: Uint32Array; readonly random: Random },
): Bins {
  const sample = sampleOf(train, random);
  const bins = new Uint8Array(rows * columns);
  const sorted = new Float32Array(sample.length);
  const values = new Float32Array(rows);
  for (let j = 0; j < columns; j++) {
    for (let i = 0; i < sample.length; i++) sorted[i] = data[sample[i]! * columns + j]!;
    sorted.sort();
    const edges = edgesOf(sorted);
    for (let i = 0; i < rows; i++) values[i] = data[i * columns + j]!;
    for (let i = 0; i < rows; i++) bins[j * rows + i] = countBelow(edges, values[i]!);
  }
  return { rows, columns, data: bins };
}

function sampleOf(train: Uint32Array, random: Random): Uint32Array {
  if (train.length <= sampleSize) return train;
  return random
    .permutation(train.length)
    .subarray(0, sampleSize)
    .map((i) => train[i]!);
}

/** Midpoints between neighbouring values: between all where they are few, else between 256 equal shares. */
function edgesOf(sorted: Float32Array): Float64Array {
  const edges: number[] = [];
  const distinct = sorted.filter((value, i) => i === 0 || value !== sorted[i - 1]);
  const source = distinct.length <= mostBins ? distinct : sorted;
  const steps = Math.min(mostBins, source.length);
  for (let b = 1; b < steps; b++) {
    const at = Math.floor((b * source.length) / steps);
    const edge = (source[at - 1]! + source[at]!) / 2;
    if (edges.length === 0 || edge > edges[edges.length - 1]!) edges.push(edge);
  }
  return Float64Array.from(edges);
}

/** How many edges lie below a value. */
function countBelow(edges: Float64Array, value: number): number {
  let low = 0;
  let high = edges.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (edges[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
