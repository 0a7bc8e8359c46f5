/** @file The demo data sets hold what their README claims: counts, balance, no word that leaks a label. */

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { adjectives, allNouns, cues, prepositions } from "../data/demo/lexicon.ts";
import { type DemoSet, demoRows, demoSets, type Row } from "../data/demo/prepare.ts";
import { lengthBins } from "../data/demo/sentences.ts";
import { streamText } from "../data/demo/stream.ts";
import { buildVocabulary } from "../data/demo/vocabulary.ts";
import { createRandom } from "../packages/probes/src/random.ts";

const folder = new URL("../data/demo/", import.meta.url);
const rowsOf = (name: DemoSet): readonly Row[] =>
  readFileSync(new URL(`${name}.jsonl`, folder), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Row);

test.each(demoSets)("%s.jsonl is what prepare.ts writes", (name) => {
  expect(rowsOf(name)).toEqual(demoRows(name));
});

test("vocab.txt is what prepare.ts writes, each piece once", () => {
  const pieces = readFileSync(new URL("vocab.txt", folder), "utf8").trimEnd().split("\n");
  expect(pieces).toEqual(buildVocabulary());
  expect(new Set(pieces).size).toBe(pieces.length);
});

test.each(demoSets)("%s has 1500 different rows, every label equally often", (name) => {
  const rows = rowsOf(name);
  expect(new Set(rows.map((row) => `${row.text}|${row.textPair ?? ""}`)).size).toBe(1500);
  const counts = tally(rows.map((row) => row.label));
  expect([...counts.values()]).toEqual([...counts].map(() => 1500 / counts.size));
});

test.each(demoSets)(
  "%s has no word that is outside the vocabulary or gives a label away",
  (name) => {
    const pieces = new Set(buildVocabulary());
    const hints = new Set(
      Object.values(cues).flatMap((list) => list.flatMap((cue) => cue.split(" "))),
    );
    for (const { text, textPair = "" } of rowsOf(name)) {
      for (const word of `${text} ${textPair}`.trim().split(" ")) {
        expect(wordPieces(word, pieces)).not.toContain("[UNK]");
        expect(hints.has(word)).toBe(false);
      }
    }
  },
);

test("no word of a polarity, number or entailment sentence tells its label", () => {
  // Of the words seen at least 40 times, none is more one-sided than 3.9 standard deviations:
  // the largest of some 150 fair coins stays below that in 99 of 100 data sets.
  for (const name of ["polarity", "number", "entailment"] as const) {
    const rows = rowsOf(name);
    const first = rows[0]?.label;
    const all = tally(rows.flatMap(distinctWords));
    const here = tally(rows.filter((row) => row.label === first).flatMap(distinctWords));
    for (const [word, n] of all) {
      if (n < 40) continue;
      const deviations = Math.abs((here.get(word) ?? 0) - n / 2) / Math.sqrt(n / 4);
      expect(deviations, `${name}: ${word}`).toBeLessThan(3.9);
    }
  }
});

test("a bag-of-words classifier stays near chance where order and scope matter", () => {
  // Chance is 0.5; with 500 test rows its standard deviation is 0.022.
  for (const name of ["polarity", "number", "entailment"] as const) {
    expect(bagOfWords(rowsOf(name)), name).toBeLessThan(0.57);
  }
  expect(bagOfWords(rowsOf("tense"))).toBeGreaterThan(0.95);
});

test("every number sentence has a distracting noun of the opposite number", () => {
  const plurals = new Set(allNouns.map((noun) => noun.many));
  const singulars = new Set(allNouns.map((noun) => noun.one));
  for (const { text } of rowsOf("number")) {
    const words = text.split(" ");
    expect(
      words.some((word) => plurals.has(word)) && words.some((word) => singulars.has(word)),
      text,
    ).toBe(true);
  }
});

test("every polarity label is what reading the sentence gives", () => {
  for (const { text, label } of rowsOf("polarity")) expect(readPolarity(text), text).toBe(label);
});

test("every number label is that of the first noun outside a leading place", () => {
  for (const { text, label } of rowsOf("number")) expect(readNumber(text), text).toBe(label);
});

test("adjective polarity and label agree in about half of the polarity sentences", () => {
  const rows = rowsOf("polarity").filter(({ text }) => judgements(text).length === 1);
  const agreeing = rows.filter(({ text, label }) => judgements(text)[0] === label).length;
  expect(rows.length).toBeGreaterThan(600);
  expect(Math.abs(agreeing / rows.length - 0.5)).toBeLessThan(0.06);
});

test("every sentence of the length set has the words of its bin", () => {
  for (const { text, label } of rowsOf("length")) {
    const [low, high] = lengthBins[label as keyof typeof lengthBins];
    const words = text.split(" ").length;
    expect(words >= low && words <= high, text).toBe(true);
  }
});

test("the stream is the same for the same seed and stays inside the vocabulary", () => {
  const pieces = new Set(buildVocabulary());
  const random = createRandom("stream");
  const again = createRandom("stream");
  for (let i = 0; i < 2000; i++) {
    const { text, textPair } = streamText(random);
    expect(streamText(again)).toEqual({ text, textPair });
    for (const word of `${text} ${textPair ?? ""}`.trim().split(" ")) {
      expect(wordPieces(word, pieces), word).not.toContain("[UNK]");
    }
  }
});

/** The last complement of the last clause, turned round by each negation that governs it. */
function readPolarity(text: string): string {
  const clause = text.replace(/^.*(true|said|thought) that /, "");
  const complement = clause.replace(/^.* (is|are|was|were) /, "").replace(/^.* but /, "");
  const negations = [
    /^it is not true/.test(text),
    /\b(not|never|hardly|far from)\b/.test(complement),
  ];
  const good = judgements(complement).at(-1) === "positive";
  return negations.filter(Boolean).length % 2 === (good ? 0 : 1) ? "positive" : "negative";
}

/** "near the trees the dog ..." begins with a preposition; its subject is the second noun. */
function readNumber(text: string): string {
  const words = text.split(" ");
  const found = words.flatMap((word) =>
    allNouns.flatMap(({ one, many }) =>
      word === one ? ["singular"] : word === many ? ["plural"] : [],
    ),
  );
  return String(found[prepositions.includes(words[0] ?? "") ? 1 : 0]);
}

function judgements(text: string): readonly string[] {
  return text
    .split(" ")
    .flatMap((word) =>
      adjectives.positive.includes(word)
        ? ["positive"]
        : adjectives.negative.includes(word)
          ? ["negative"]
          : [],
    );
}

function distinctWords({ text, textPair = "" }: Row): readonly string[] {
  return [...new Set(`${text} ${textPair}`.split(" "))];
}

function tally(items: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(item, (counts.get(item) ?? 0) + 1);
  return counts;
}

/** Greedy longest-match WordPiece. */
function wordPieces(word: string, pieces: ReadonlySet<string>): readonly string[] {
  const found: string[] = [];
  let start = 0;
  while (start < word.length) {
    let end = word.length;
    const piece = () => (start > 0 ? "##" : "") + word.slice(start, end);
    while (end > start && !pieces.has(piece())) end -= 1;
    if (end === start) return ["[UNK]"];
    found.push(piece());
    start = end;
  }
  return found;
}

/** Accuracy on the last third of a naive Bayes classifier over words, trained on the rest. */
function bagOfWords(rows: readonly Row[]): number {
  const cut = 1000;
  const labels = [...new Set(rows.map((row) => row.label))];
  const counts = labels.map((label) =>
    tally(
      rows
        .slice(0, cut)
        .filter((row) => row.label === label)
        .flatMap(distinctWords),
    ),
  );
  const score = (row: Row, i: number) =>
    distinctWords(row).reduce((sum, word) => sum + Math.log((counts[i]?.get(word) ?? 0) + 1), 0);
  const test = rows.slice(cut);
  const right = test.filter((row) => {
    const scores = labels.map((_, i) => score(row, i));
    return labels[scores.indexOf(Math.max(...scores))] === row.label;
  });
  return right.length / test.length;
}
