/** @file Whether methods agree on the same texts, and words on other datasets or models. */

import { kendall, pearson, spearman, topOverlap } from "@probegrid/probes/agreement";
import type { Store } from "../store.ts";
import type { Group, MethodTrial } from "./attribution-groups.ts";
import { remember } from "./attribution-memory.ts";
import { fetchRows, fetchTexts } from "./attribution-texts.ts";

/** Kendall's τ-b, Spearman's ρ, or the overlap of the five highest tokens. */
export type AgreementKind = "tau" | "spearman" | "top5";

/** Mean agreement of two methods over the texts that both explained. */
export type Agreement = {
  readonly a: string;
  readonly b: string;
  readonly value: number | null;
  readonly texts: number;
};

/** Texts compared at most; above it they are thinned evenly, and the page says so. */
export const comparedTexts = 2000;

type Asked = { readonly group: Group; readonly methods: readonly MethodTrial[] };

/** Every pair of methods once; special tokens do not count. */
export function fetchAgreement(
  store: Store,
  { group, methods }: Asked,
  kind: AgreementKind,
): readonly Agreement[] {
  return methods.flatMap((a, i) =>
    methods.slice(i + 1).map((b) => {
      const name = `agree ${kind} ${a.id} ${b.id}`;
      const done = a.state === "done" && b.state === "done";
      return remember(store, { name, finished: done }, () => pairOf(store, { group, a, b }, kind));
    }),
  );
}

type Pair = { readonly group: Group; readonly a: MethodTrial; readonly b: MethodTrial };

function pairOf(store: Store, { group, a, b }: Pair, kind: AgreementKind): Agreement {
  const [rowsA, rowsB] = [fetchRows(store, a), fetchRows(store, b)];
  const texts = [...fetchTexts(store, group).values()];
  const step = Math.ceil(texts.length / comparedTexts);
  const values: number[] = [];
  for (let i = 0; i < texts.length; i += step) {
    const { row, words } = texts[i] ?? { row: -1, words: new Int32Array() };
    const [x, y] = [rowsA.get(row)?.scores, rowsB.get(row)?.scores];
    if (x == null || y == null) continue;
    const value = compare(kind, positionsOf(words), [x, y]);
    if (value !== null) values.push(value);
  }
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return {
    ...{ a: a.label, b: b.label, texts: values.length },
    value: values.length === 0 ? null : mean,
  };
}

const positionsOf = (words: Int32Array): readonly number[] =>
  Array.from(words.keys()).filter((i) => words[i] !== -1);

function compare(
  kind: AgreementKind,
  positions: readonly number[],
  [x, y]: readonly [Float32Array, Float32Array],
): number | null {
  if (kind === "top5") return topOverlap(x, y, { positions, k: 5 });
  const pick = (scores: Float32Array) => positions.map((i) => scores[i] ?? 0);
  return (kind === "tau" ? kendall : spearman)(pick(x), pick(y));
}

/** Mean |score| of every token type, each text divided by its largest, as Wu and Ong's tables have it. */
export function fetchSizes(
  store: Store,
  { group, trial }: { readonly group: Group; readonly trial: MethodTrial },
  least: number,
): ReadonlyMap<string, number> {
  const name = `sizes ${trial.id} ${group.minTokens} ${least}`;
  return remember(store, { name, finished: trial.state === "done" }, () => {
    const texts = fetchTexts(store, group);
    const sums = new Map<string, { sum: number; count: number }>();
    for (const { row, scores } of fetchRows(store, trial).values()) {
      const text = texts.get(row);
      if (scores === null || text === undefined || text.tokens.length < group.minTokens) continue;
      const positions = positionsOf(text.words);
      const sizes = positions.map((i) => Math.abs(scores[i] ?? 0));
      const most = Math.max(...sizes, 1e-30);
      for (const [k, i] of positions.entries()) {
        const token = text.tokens[i] ?? "";
        const known = sums.get(token) ?? { sum: 0, count: 0 };
        sums.set(token, { sum: known.sum + (sizes[k] ?? 0) / most, count: known.count + 1 });
      }
    }
    return new Map(
      [...sums]
        .filter(([, { count }]) => count >= least)
        .map(([token, { sum, count }]) => [token, sum / count]),
    );
  });
}

/** Words that two tables share, and Pearson's r over them; null below three words. */
export function correlate(
  a: ReadonlyMap<string, number>,
  b: ReadonlyMap<string, number>,
): {
  readonly r: number | null;
  readonly points: readonly (readonly [string, number, number])[];
} {
  const points = [...a].flatMap(([word, x]) => {
    const y = b.get(word);
    return y === undefined ? [] : [[word, x, y] as const];
  });
  const [xs, ys] = [points.map(([, x]) => x), points.map(([, , y]) => y)];
  return { r: points.length < 3 ? null : pearson(xs, ys), points };
}
