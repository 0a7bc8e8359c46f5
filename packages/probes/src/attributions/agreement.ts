/** @file How much two sets of scores agree: rank correlations and overlap of the top. */

/** Ranks from 1; equal values share the mean of their ranks. */
export function ranks(values: ArrayLike<number>): Float64Array {
  const order = Array.from({ length: values.length }, (_, i) => i);
  order.sort((a, b) => values[a]! - values[b]!);
  const found = new Float64Array(values.length);
  for (let start = 0; start < order.length; ) {
    let end = start + 1;
    while (end < order.length && values[order[end]!] === values[order[start]!]) end++;
    for (let i = start; i < end; i++) found[order[i]!] = (start + end + 1) / 2;
    start = end;
  }
  return found;
}

/** Pearson's r; null where one side does not vary. */
export function pearson(a: ArrayLike<number>, b: ArrayLike<number>): number | null {
  const n = a.length;
  let meanA = 0;
  let meanB = 0;
  for (let i = 0; i < n; i++) {
    meanA += a[i]!;
    meanB += b[i]!;
  }
  meanA /= n;
  meanB /= n;
  let ab = 0;
  let aa = 0;
  let bb = 0;
  for (let i = 0; i < n; i++) {
    const da = a[i]! - meanA;
    const db = b[i]! - meanB;
    ab += da * db;
    aa += da * da;
    bb += db * db;
  }
  return aa === 0 || bb === 0 ? null : ab / Math.sqrt(aa * bb);
}

/** Spearman's rank correlation; null where one side does not vary. */
export const spearman = (a: ArrayLike<number>, b: ArrayLike<number>): number | null =>
  pearson(ranks(a), ranks(b));

/** Kendall's τ-b; null where one side does not vary. */
export function kendall(a: ArrayLike<number>, b: ArrayLike<number>): number | null {
  let agreeing = 0;
  let pairsA = 0;
  let pairsB = 0;
  for (let i = 0; i < a.length; i++) {
    for (let j = 0; j < i; j++) {
      const inA = Math.sign(a[i]! - a[j]!);
      const inB = Math.sign(b[i]! - b[j]!);
      agreeing += inA * inB;
      pairsA += inA * inA;
      pairsB += inB * inB;
    }
  }
  return pairsA === 0 || pairsB === 0 ? null : agreeing / Math.sqrt(pairsA * pairsB);
}

/** Positions in order of falling score; equal scores in the order of the text. */
export function byScore(
  scores: ArrayLike<number>,
  positions: readonly number[],
): readonly number[] {
  return [...positions].sort((a, b) => scores[b]! - scores[a]! || a - b);
}

/** Share of the k highest positions that two methods have in common. */
export function topOverlap(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  { positions, k }: { readonly positions: readonly number[]; readonly k: number },
): number {
  const size = Math.min(k, positions.length);
  const top = new Set(byScore(a, positions).slice(0, size));
  const shared = byScore(b, positions)
    .slice(0, size)
    .filter((at) => top.has(at));
  return size === 0 ? 0 : shared.length / size;
}

/** Average precision of scores at finding the positions that are marked; null where none or all are. */
export function averagePrecision(
  scores: ArrayLike<number>,
  marked: ArrayLike<boolean>,
): number | null {
  const order = byScore(
    scores,
    Array.from({ length: scores.length }, (_, i) => i),
  );
  let hits = 0;
  let sum = 0;
  order.forEach((at, i) => {
    if (!marked[at]) return;
    hits += 1;
    sum += hits / (i + 1);
  });
  return hits === 0 || hits === scores.length ? null : sum / hits;
}
