/** @file The tables of R2's experiments and their companions, from recorded rows alone. */

import { joinPieces, kendall, pearson, topOverlap } from "@probegrid/probes";
import { type Summary, summarise } from "@probegrid/probes/statistics";
import type { AttributionRecord } from "../../store/index.ts";

export type Fine = Extract<AttributionRecord, { error: null }>;

/** One dataset, model and method with its rows. */
export type Series = {
  readonly dataset: string;
  readonly model: string;
  readonly method: string;
  readonly rows: readonly AttributionRecord[];
  /** True class of a row; null for values. */
  readonly truth: (row: number) => string | null;
};

export type Limits = { readonly minTokens: number; readonly minCount: number };

/** Rows that were explained and are long enough. */
export function fineRows({ rows }: Series, minTokens: number): readonly Fine[] {
  return rows.filter((r): r is Fine => r.error === null && r.tokens.length >= minTokens);
}

const isOrdinary = ({ words }: Fine, i: number): boolean => words[i] !== -1;

/** Mean |score| of every token type, each text divided by its largest; types with enough occurrences. */
export function wordScores(
  series: Series,
  { minTokens, minCount }: Limits,
): ReadonlyMap<string, number> {
  const sums = new Map<string, { sum: number; count: number }>();
  for (const row of fineRows(series, minTokens)) {
    const sizes = Array.from(row.scores, Math.abs);
    const most = Math.max(...sizes.filter((_, i) => isOrdinary(row, i)), 1e-30);
    row.tokens.forEach((token, i) => {
      if (!isOrdinary(row, i)) return;
      const known = sums.get(token) ?? { sum: 0, count: 0 };
      sums.set(token, { sum: known.sum + sizes[i]! / most, count: known.count + 1 });
    });
  }
  const frequent = [...sums].filter(([, { count }]) => count >= minCount);
  return new Map(frequent.map(([token, { sum, count }]) => [token, sum / count]));
}

export type Ranks = {
  readonly top: readonly (readonly [string, number])[];
  readonly bottom: readonly (readonly [string, number])[];
};

/** The 30 highest and the 30 lowest words (experiment 1 of Wu and Ong). */
export function wordRanks(scores: ReadonlyMap<string, number>): Ranks {
  const ordered = [...scores].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
  return { top: ordered.slice(0, 30), bottom: ordered.slice(-30).reverse() };
}

/** Accuracy after k words are taken out, over texts that were classified right (experiment 2). */
export function deletionCurve(
  series: Series,
  { minTokens }: Limits,
): { readonly texts: number; readonly points: readonly Summary[] } {
  const right = fineRows(series, minTokens).filter(
    (row) => row.predicted === series.truth(row.row) && Array.isArray(row.measures.kept),
  );
  const curves = right.map(({ measures }) => measures.kept as readonly boolean[]);
  if (curves.length === 0) return { texts: 0, points: [] };
  const points = curves[0]!.map((_, k) =>
    summarise(
      curves.map((kept) => (kept[k] === true ? 1 : 0)),
      { testToTrain: 0 },
    ),
  );
  return { texts: curves.length, points };
}

/** Pearson's r of the words that both know (experiments 3 and 4). */
export function wordCorrelation(
  a: ReadonlyMap<string, number>,
  b: ReadonlyMap<string, number>,
): { readonly r: number | null; readonly words: number } {
  const shared = [...a.keys()].filter((word) => b.has(word));
  const values = (of: ReadonlyMap<string, number>) => shared.map((word) => of.get(word)!);
  return { r: shared.length < 3 ? null : pearson(values(a), values(b)), words: shared.length };
}

/** Mean Kendall's τ, and mean overlap of the five highest tokens, of two methods on the same texts. */
export function agreement(
  a: Series,
  b: Series,
): { readonly tau: number | null; readonly top5: number | null } {
  const others = new Map(b.rows.map((row) => [row.row, row]));
  const taus: number[] = [];
  const overlaps: number[] = [];
  for (const row of fineRows(a, 1)) {
    const other = others.get(row.row);
    if (other?.error !== null) continue;
    const positions = row.tokens.map((_, i) => i).filter((i) => isOrdinary(row, i));
    const pick = (scores: Float32Array) => positions.map((i) => scores[i]!);
    const tau = kendall(pick(row.scores), pick(other.scores));
    if (tau !== null) taus.push(tau);
    overlaps.push(topOverlap(row.scores, other.scores, { positions, k: 5 }));
  }
  return { tau: mean(taus), top5: mean(overlaps) };
}

/** σ of every word at every layer, of texts explained by `information`. */
export function sigmaMaps(series: Series, most: number) {
  return fineRows(series, 1)
    .filter(({ layers }) => layers.length > 0)
    .slice(0, most)
    .map(({ row, tokens, layers }) => ({
      row,
      tokens: tokens.map((token) => joinPieces([token])),
      layers: layers.map(({ layer, scores }) => ({ layer, scores: Array.from(scores) })),
    }));
}

export const mean = (values: readonly number[]): number | null =>
  values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
