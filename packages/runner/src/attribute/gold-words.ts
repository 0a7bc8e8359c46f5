/** @file Word scores against the sentiments that people gave the words of SST's trees, text by text. */

import { readFileSync } from "node:fs";
import { type Plausibility, plausibility } from "@probegrid/probes";
import { ExperimentError } from "../errors.ts";
import type { AttributionRecord } from "../store/index.ts";

/** A leaf of a tree: a word and its sentiment from -2 to 2. */
export type GoldWord = { readonly word: string; readonly sentiment: number };

/** Words of sentences, by the sentence's letters. */
export type GoldTexts = ReadonlyMap<string, readonly GoldWord[]>;

/** Leaves of each tree ("(3 (2 A) (4 lovely))", a line each), by the letters of the sentence. */
export function readTrees(file: string): GoldTexts {
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

export type Fine = Extract<AttributionRecord, { error: null }>;

type Asked = {
  readonly gold: GoldTexts;
  readonly text: string;
  /** The class that sentiments above 0 speak for; scores towards another one are turned around. */
  readonly positive: string;
};

/** How plausible a text's scores are; null where no tree spells it. */
export function textPlausibility(
  { tokens, words, scores, target }: Pick<Fine, "tokens" | "words" | "scores" | "target">,
  { gold, text, positive }: Asked,
): Plausibility | null {
  const leaves = gold.get(lettersOf(text));
  if (leaves === undefined) return null;
  const ordinary = tokens.map((_, i) => i).filter((i) => words[i] !== -1);
  const sign = target === positive ? 1 : -1;
  const found = leafScores(
    ordinary.map((i) => tokens[i]!),
    ordinary.map((i) => sign * scores[i]!),
    leaves,
  );
  const sentiments = leaves.map(({ sentiment }) => sentiment);
  return found === null ? null : plausibility(found, sentiments);
}

/** Its numbers as measures of a text; only signed scores can have the right sign. */
export function plausibilityMeasures(
  found: Plausibility | null,
  { signed }: { readonly signed: boolean },
): Readonly<Record<string, number>> {
  if (found === null) return {};
  const { precision, signs, correlation } = found;
  const measures = {
    plausibility: precision,
    ...(signed && { plausibilitySigns: signs, plausibilityCorrelation: correlation }),
  };
  const known = Object.entries(measures).filter(
    (entry): entry is [string, number] => entry[1] !== null,
  );
  return Object.fromEntries(known);
}
