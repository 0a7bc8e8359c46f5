/** @file The features of a probe job: in memory, or read a block of rows at a time where they are too large for that. */

import {
  type Classifier,
  combineLayers,
  type LayerMethod,
  type Matrix,
  matrix,
  type RowSource,
} from "@probegrid/probes";
import { readRows, type StoredTensor } from "../safetensors.ts";

/** Features of more bytes are read in blocks, by classifiers that can. */
const largestInMemory = 2 ** 30;

export type StoredFeatures = {
  /** One matrix per layer, in order. */
  readonly features: readonly StoredTensor[];
  readonly layerMethod: LayerMethod | null;
};

export type FeatureReader = {
  /** The features as a classifier takes them; the same object each time, so that sums over them are shared. */
  readonly of: (classifier: Pick<Classifier, "blocks">) => Matrix | RowSource;
};

/** Reads the layers of a pooling and combines them, when first asked for. */
export function createFeatures(
  stored: StoredFeatures,
  { inMemory = largestInMemory }: { readonly inMemory?: number } = {},
): FeatureReader {
  let whole: Matrix | undefined;
  const source = inBlocks(stored);
  const large = source !== null && 4 * source.rows * source.columns > inMemory;
  return {
    of({ blocks }) {
      if (large && blocks === true) return source;
      whole ??= readWhole(stored);
      return whole;
    },
  };
}

function readWhole({ features, layerMethod }: StoredFeatures): Matrix {
  const [rows, width] = shapeOf(features);
  const data = combined({ features, layerMethod }, { start: 0, end: rows, width });
  const copies = layerMethod === "rows" ? features.length : 1;
  return matrix(copies * rows, data.length / Math.max(1, copies * rows), data);
}

/** The same in blocks; null for layers below one another, which are not in the order of the file. */
function inBlocks(stored: StoredFeatures): RowSource | null {
  const { features, layerMethod } = stored;
  if (layerMethod === "rows") return null;
  const [rows, width] = shapeOf(features);
  const columns = layerMethod === "concat" ? width * features.length : width;
  return { rows, columns, read: (start, end) => combined(stored, { start, end, width }) };
}

type Range = { readonly start: number; readonly end: number; readonly width: number };

function combined({ features, layerMethod }: StoredFeatures, { start, end, width }: Range) {
  const layers = features.map((tensor) => readRows(tensor, start, end));
  return layerMethod === null
    ? (layers[0] ?? new Float32Array())
    : combineLayers(layers, layerMethod, width);
}

function shapeOf([first]: readonly StoredTensor[]): readonly [number, number] {
  if (!first) throw new Error("internal: a pooling without features");
  const [rows = 0, width = 0] = first.shape;
  return [rows, width];
}
