/** @file One tree of a random forest: grown on a drawn sample of rows, with features drawn anew at every split. */

import type { Random } from "../random.ts";
import { type Bins, mostBins } from "./feature-bins.ts";

/** What a tree learns: class numbers, or values (`classes` 0). */
export type TreeTargets = {
  readonly values: Int32Array | Float32Array;
  readonly classes: number;
};

export type TreeOptions = {
  /** Features looked at per split. */
  readonly features: number;
  /** Splits from the root to a leaf, at most. */
  readonly depth: number;
  /** Sampled rows that a leaf has at least. */
  readonly leaf: number;
  readonly random: Random;
};

/** Nodes in the order they were made; children of a leaf are -1. */
export type Tree = {
  readonly feature: Int32Array;
  /** Rows whose bin is not above it go left. */
  readonly bin: Uint8Array;
  readonly left: Int32Array;
  readonly right: Int32Array;
  /** Class shares of a leaf, or its mean: [nodes, outputs]. */
  readonly outputs: Float32Array;
};

/** Grows a tree on sampled rows (a row may come several times), which are reordered in place. */
export function growTree(
  bins: Bins,
  targets: TreeTargets,
  { rows, options }: { readonly rows: Uint32Array; readonly options: TreeOptions },
): Tree {
  const { leaf, depth, random, features } = options;
  const width = Math.max(1, targets.classes);
  const most = 2 * Math.ceil(rows.length / leaf) + 1;
  const tree = {
    feature: new Int32Array(most),
    bin: new Uint8Array(most),
    left: new Int32Array(most).fill(-1),
    right: new Int32Array(most).fill(-1),
    outputs: new Float32Array(most * width),
  };
  const order = Uint32Array.from({ length: bins.columns }, (_, j) => j);
  const search =
    targets.classes > 0 ? createClassSearch(bins, targets) : createValueSearch(bins, targets);
  const stack = [{ node: 0, start: 0, end: rows.length, level: 0 }];
  let nodes = 1;
  for (let work = stack.pop(); work !== undefined; work = stack.pop()) {
    const { node, start, end, level } = work;
    const settled = search.enter(rows, start, end);
    let best: Split | null = null;
    if (!settled && end - start >= 2 * leaf && level < depth) {
      // Features that do not vary here count as looked at, but at least one that does must be found.
      for (let drawn = 0; drawn < order.length && (drawn < features || best === null); drawn++) {
        const other = drawn + random.integer(order.length - drawn);
        const feature = order[other]!;
        order[other] = order[drawn]!;
        order[drawn] = feature;
        const found = search.split(feature, leaf);
        if (found !== null && (best === null || found.gain > best.gain))
          best = { ...found, feature };
      }
    }
    if (best === null) {
      search.describe(tree.outputs, node * width);
      continue;
    }
    const middle = partition(rows, bins.data.subarray(best.feature * bins.rows), {
      start,
      end,
      bin: best.bin,
    });
    tree.feature[node] = best.feature;
    tree.bin[node] = best.bin;
    tree.left[node] = nodes;
    tree.right[node] = nodes + 1;
    stack.push({ node: nodes, start, end: middle, level: level + 1 });
    stack.push({ node: nodes + 1, start: middle, end, level: level + 1 });
    nodes += 2;
  }
  return tree;
}

/** Adds the tree's outputs for the given rows to `sums` [rows, outputs]. */
export function addOutputs(
  tree: Tree,
  bins: Bins,
  { rows, sums }: { readonly rows: Uint32Array; readonly sums: Float64Array },
): void {
  const width = rows.length === 0 ? 1 : sums.length / rows.length;
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i]!;
    let node = 0;
    while (tree.left[node]! >= 0) {
      const value = bins.data[tree.feature[node]! * bins.rows + row]!;
      node = value <= tree.bin[node]! ? tree.left[node]! : tree.right[node]!;
    }
    for (let k = 0; k < width; k++) sums[i * width + k]! += tree.outputs[node * width + k]!;
  }
}

type Split = { readonly feature: number; readonly bin: number; readonly gain: number };

/** Looks for the best split of one node's rows. */
type Search = {
  /** Turns to the rows of a node; true where they are all alike. */
  enter(rows: Uint32Array, start: number, end: number): boolean;
  /** The best split by one feature, null where it does not vary or a side would be smaller than a leaf. */
  split(feature: number, leaf: number): { readonly bin: number; readonly gain: number } | null;
  /** Writes what a leaf of these rows says. */
  describe(outputs: Float32Array, at: number): void;
};

/** By Gini impurity: the largest Σ_k left_k² / left + Σ_k right_k² / right. */
function createClassSearch(bins: Bins, { values, classes }: TreeTargets): Search {
  const counts = new Float64Array(mostBins * classes);
  const totals = new Float64Array(classes);
  const below = new Float64Array(classes);
  let node = new Uint32Array();
  return {
    enter(rows, start, end) {
      node = rows.subarray(start, end) as Uint32Array<ArrayBuffer>;
      totals.fill(0);
      for (let i = 0; i < node.length; i++) totals[values[node[i]!]!]! += 1;
      return totals.some((count) => count === node.length);
    },
    split(feature, leaf) {
      const from = feature * bins.rows;
      let low = mostBins;
      let high = -1;
      for (let i = 0; i < node.length; i++) {
        const row = node[i]!;
        const bin = bins.data[from + row]!;
        if (bin < low) low = bin;
        if (bin > high) high = bin;
        counts[bin * classes + values[row]!]! += 1;
      }
      below.fill(0);
      let left = 0;
      let gain = Number.NEGATIVE_INFINITY;
      let bin = -1;
      let last = low;
      for (let b = low; b <= high; b++) {
        let here = 0;
        for (let k = 0; k < classes; k++) here += counts[b * classes + k]!;
        if (here === 0) continue;
        const right = node.length - left;
        if (b > low && left >= leaf && right >= leaf) {
          let squaresLeft = 0;
          let squaresRight = 0;
          for (let k = 0; k < classes; k++) {
            squaresLeft += below[k]! * below[k]!;
            squaresRight += (totals[k]! - below[k]!) * (totals[k]! - below[k]!);
          }
          const found = squaresLeft / left + squaresRight / right;
          if (found > gain) {
            gain = found;
            bin = (last + b - 1) >> 1; // in the middle of the empty bins between the two sides
          }
        }
        for (let k = 0; k < classes; k++) {
          below[k]! += counts[b * classes + k]!;
          counts[b * classes + k] = 0;
        }
        left += here;
        last = b;
      }
      return bin < 0 ? null : { bin, gain };
    },
    describe(outputs, at) {
      for (let k = 0; k < classes; k++) outputs[at + k] = totals[k]! / node.length;
    },
  };
}

/** By squared error: the largest (Σ left)² / left + (Σ right)² / right. */
function createValueSearch(bins: Bins, { values }: TreeTargets): Search {
  const counts = new Float64Array(mostBins);
  const sums = new Float64Array(mostBins);
  let node = new Uint32Array();
  let total = 0;
  let mean = 0;
  return {
    enter(rows, start, end) {
      node = rows.subarray(start, end) as Uint32Array<ArrayBuffer>;
      mean = 0;
      let alike = true;
      for (let i = 0; i < node.length; i++) {
        const value = values[node[i]!]!;
        mean += value / node.length;
        alike &&= value === values[node[0]!]!;
      }
      total = 0; // of values about the mean, up to rounding
      for (let i = 0; i < node.length; i++) total += values[node[i]!]! - mean;
      return alike;
    },
    split(feature, leaf) {
      const from = feature * bins.rows;
      let low = mostBins;
      let high = -1;
      for (let i = 0; i < node.length; i++) {
        const row = node[i]!;
        const bin = bins.data[from + row]!;
        if (bin < low) low = bin;
        if (bin > high) high = bin;
        counts[bin]! += 1;
        sums[bin]! += values[row]! - mean;
      }
      let left = 0;
      let below = 0;
      let gain = Number.NEGATIVE_INFINITY;
      let bin = -1;
      let last = low;
      for (let b = low; b <= high; b++) {
        if (counts[b] === 0) continue;
        const right = node.length - left;
        if (b > low && left >= leaf && right >= leaf) {
          const found = below ** 2 / left + (total - below) ** 2 / right;
          if (found > gain) {
            gain = found;
            bin = (last + b - 1) >> 1;
          }
        }
        left += counts[b]!;
        below += sums[b]!;
        counts[b] = 0;
        sums[b] = 0;
        last = b;
      }
      return bin < 0 ? null : { bin, gain };
    },
    describe(outputs, at) {
      outputs[at] = mean;
    },
  };
}

/** Moves rows whose bin is not above the split's to the front; returns where the others begin. */
function partition(
  rows: Uint32Array,
  bins: Uint8Array,
  { start, end, bin }: { readonly start: number; readonly end: number; readonly bin: number },
): number {
  let low = start;
  let high = end;
  while (low < high) {
    const row = rows[low]!;
    if (bins[row]! <= bin) low++;
    else {
      high--;
      rows[low] = rows[high]!;
      rows[high] = row;
    }
  }
  return low;
}
