/** @file Attributions read from a store by plain SQL and bytes: what the pages must show, by none of their code. */

import { query } from "./fixtures.ts";

/** A row of a method, decoded. */
export type Explained = {
  readonly method: string;
  readonly row: number;
  readonly target: string;
  readonly predicted: string;
  readonly tokens: readonly string[];
  readonly words: readonly number[];
  readonly scores: readonly number[];
  readonly logit: number;
  readonly residual: number | null;
  readonly layers: readonly number[];
  readonly layerScores: readonly number[];
};

type Stored = Omit<Explained, "tokens" | "words" | "scores" | "layers" | "layerScores"> & {
  readonly tokens: string;
  readonly words: Buffer;
  readonly scores: Buffer;
  readonly layers: string | null;
  readonly layerScores: Buffer | null;
};

const floats = (bytes: Buffer | null): readonly number[] =>
  Array.from({ length: (bytes?.length ?? 0) / 4 }, (_, i) => bytes?.readFloatLE(i * 4) ?? 0);

/** Every row of a dataset under one target, methods in the order of the experiment. */
export function explained(dataset: string, target = "predicted"): readonly Explained[] {
  const rows = query<Stored>(
    "attribution.db",
    `select t.classifier as method, a.row, a.target, a.predicted, a.tokens, a.words, a.scores,
       a.logit, a.residual, a.layers, a.layerScores
     from attributions a join trials t on t.key = a.trial join datasets d on d.id = t.dataset
     where d.name = ? and t.token = ? order by t.key, a.row`,
    dataset,
    target,
  );
  return rows.map((row) => ({
    ...row,
    tokens: JSON.parse(row.tokens) as readonly string[],
    words: Array.from({ length: row.words.length / 4 }, (_, i) => row.words.readInt32LE(i * 4)),
    scores: floats(row.scores),
    layers: JSON.parse(row.layers ?? "[]") as readonly number[],
    layerScores: floats(row.layerScores),
  }));
}

/** Words of a row (WordPiece: pieces after the first begin with ##) with the sums of their scores. */
export function wordsOf({ tokens, words, scores }: Explained): readonly [string, number][] {
  const found: [string, number][] = [];
  for (const [i, token] of tokens.entries()) {
    const last = found.at(-1);
    if (words[i] !== -1 && i > 0 && words[i] === words[i - 1] && last !== undefined) {
      last[0] += token.replace(/^##/, "");
      last[1] += scores[i] ?? 0;
    } else found.push([token, scores[i] ?? 0]);
  }
  return found;
}

/** A number as the pages write it: about three digits and a real minus sign. */
export function amount(value: number): string {
  const size = Math.abs(value);
  if (size === 0) return "0";
  const digits = size >= 100 ? 1 : size >= 10 ? 2 : 3;
  const text = size >= 1000 || size < 0.0005 ? value.toExponential(1) : value.toFixed(digits);
  return text.replaceAll("-", "−");
}
