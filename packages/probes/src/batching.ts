/** @file Batches that pad as little as they must: texts of like length together, cut where it pays. */

/** Rows of one batch, and the length they are padded to. */
export type Batch = { readonly rows: Uint32Array; readonly tokens: number };

/** What starting one more batch costs, in tokens: measured on CPU sessions of BERT-base. */
const batchOverhead = 24;

/**
 * Divides texts into batches of at most `budget` tokens, padding included (a longer text is a batch
 * of its own). Texts are sorted by length; where batches end is chosen by dynamic programming, so
 * that padding and per-batch overhead together are least. Longest batches first, so that running
 * out of memory shows at once.
 */
export function planBatches(lengths: ArrayLike<number>, budget: number): readonly Batch[] {
  const order = Uint32Array.from({ length: lengths.length }, (_, i) => i);
  order.sort((a, b) => lengths[b]! - lengths[a]! || a - b);
  const groups = cutGroups(order, lengths, budget);
  return groups.flatMap(({ start, end, tokens }) => {
    const most = Math.max(1, Math.floor(budget / Math.max(tokens, 1)));
    const batches = Math.ceil((end - start) / most);
    // Spread evenly: 9 texts at most 8 a batch become 5 and 4.
    return Array.from({ length: batches }, (_, i) => {
      const from = start + Math.floor(((end - start) * i) / batches);
      const to = start + Math.floor(((end - start) * (i + 1)) / batches);
      return { rows: order.slice(from, to), tokens: lengths[order[from]!]! };
    });
  });
}

type Group = { readonly start: number; readonly end: number; readonly tokens: number };

/** The cheapest division of the sorted texts into groups padded to their longest. */
function cutGroups(
  order: Uint32Array,
  lengths: ArrayLike<number>,
  budget: number,
): readonly Group[] {
  const starts: number[] = [];
  order.forEach((row, i) => {
    if (i === 0 || lengths[row] !== lengths[order[i - 1]!]) starts.push(i);
  });
  starts.push(order.length);
  const count = starts.length - 1;
  const cost = new Float64Array(count + 1);
  const next = new Int32Array(count + 1);
  for (let i = count - 1; i >= 0; i--) {
    cost[i] = Number.POSITIVE_INFINITY;
    const tokens = lengths[order[starts[i]!]!]!;
    const most = Math.max(1, Math.floor(budget / Math.max(tokens, 1)));
    for (let j = i + 1; j <= count; j++) {
      const texts = starts[j]! - starts[i]!;
      const own = texts * tokens + Math.ceil(texts / most) * batchOverhead;
      if (own + cost[j]! < cost[i]!) {
        cost[i] = own + cost[j]!;
        next[i] = j;
      }
    }
  }
  const groups: Group[] = [];
  for (let i = 0; i < count; i = next[i]!) {
    const start = starts[i]!;
    groups.push({ start, end: starts[next[i]!]!, tokens: lengths[order[start]!]! });
  }
  return groups;
}
