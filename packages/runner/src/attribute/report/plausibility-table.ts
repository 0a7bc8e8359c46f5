/** @file Word scores against the sentiments that people gave the words of SST's trees. */

import { readFileSync } from "node:fs";
import { plausibility } from "@probegrid/probes";
import { type Summary, summarise } from "@probegrid/probes/statistics";
import { ExperimentError } from "../../errors.ts";
import { fineRows, type Series } from "./tables.ts";

/** A leaf of a tree: a word and its sentiment from -2 to 2. */
export type GoldWord = { readonly word: string; readonly sentiment: number };

/** Leaves of each tree ("(3 (2 A) (4 lovely))", a line each), by the letters of the sentence. */
export function readTrees(file: string): ReadonlyMap<string, readonly GoldWord[]> {
  const trees = new Map<string, readonly GoldWord[]>();
  for (const [i, line] of readFileSync(file, "utf8").split(/\r?\n/).entries()) {
    if (line.trim() === "") continue;
    const leaves = [...line.matchAll(/\((\d) ([^()\s]+)\)/g)].map(([, label, word]) => {
      return { word: unescapeWord(word!), sentiment: Number(label) - 2 };
    });
    if (leaves.length === 0) {
      throw new ExperimentError(`${file}:${i + 1}: expected a tree like "(3 (2 A) (4 lovely))"`);
    }
    trees.set(lettersOf(leaves.map(({ word }) => word).join("")), leaves);
  }
  return trees;
}

const brackets: Readonly<Record<string, string>> = { "-LRB-": "(", "-RRB-": ")", "\\/": "/" };
const unescapeWord = (word: string): string =>
  word.replaceAll(/-LRB-|-RRB-|\\\//g, (found) => brackets[found]!);

/** Letters alone: lower case, without accents and spaces, as an uncased tokenizer leaves them. */
const lettersOf = (text: string): string =>
  text
    .normalize("NFD")
    .replaceAll(/\p{M}|\s/gu, "")
    .toLowerCase();

/**
 * Scores of a text's leaves: each token's score is divided over its letters and summed per leaf. Null
 * where tokens and leaves do not spell the same letters (a token is unknown).
 */
export function leafScores(
  tokens: readonly string[],
  scores: ArrayLike<number>,
  leaves: readonly GoldWord[],
): readonly number[] | null {
  const spelled = tokens.map((token) => lettersOf(token.replace(/^##|^[▁Ġ]/, "")));
  const words = leaves.map(({ word }) => lettersOf(word));
  if (spelled.join("") !== words.join("")) return null;
  const owner = words.flatMap((word, i) => Array.from(word, () => i));
  const found = leaves.map(() => 0);
  let at = 0;
  spelled.forEach((token, i) => {
    const letters = Array.from(token).length;
    for (let k = 0; k < letters; k++) found[owner[at + k]!]! += scores[i]! / letters;
    at += letters;
  });
  return found;
}

export type PlausibilityRow = {
  readonly dataset: string;
  readonly model: string;
  readonly method: string;
  readonly texts: number;
  readonly measures: Readonly<
    Record<"precision" | "chance" | "signs" | "correlation", Summary | null>
  >;
};

/** Plausibility of a method: scores are turned towards the positive class, the last of the labels. */
export function plausibilityOf(
  series: Series,
  trees: ReadonlyMap<string, readonly GoldWord[]>,
  { positive, text }: { readonly positive: string; readonly text: (row: number) => string },
): PlausibilityRow {
  const { dataset, model, method } = series;
  const found = fineRows(series, 1).flatMap((row) => {
    const leaves = trees.get(lettersOf(text(row.row)));
    if (leaves === undefined) return [];
    const ordinary = row.tokens.map((_, i) => i).filter((i) => row.words[i] !== -1);
    const sign = row.target === positive ? 1 : -1;
    const tokens = ordinary.map((i) => row.tokens[i]!);
    const scores = leafScores(
      tokens,
      ordinary.map((i) => sign * row.scores[i]!),
      leaves,
    );
    return scores === null
      ? []
      : [
          plausibility(
            scores,
            leaves.map((leaf) => leaf.sentiment),
          ),
        ];
  });
  const over = (name: "precision" | "chance" | "signs" | "correlation"): Summary | null => {
    const values = found.map((one) => one[name]).filter((value) => value !== null);
    return values.length === 0 ? null : summarise(values, { testToTrain: 0 });
  };
  // Scores that are never negative have no sign to be right about.
  const signed = series.rows.some((row) => row.error === null && row.scores.some((s) => s < 0));
  const measures = {
    ...{ precision: over("precision"), chance: over("chance") },
    ...{ signs: signed ? over("signs") : null, correlation: signed ? over("correlation") : null },
  };
  return { dataset, model, method, texts: found.length, measures };
}
