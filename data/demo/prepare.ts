/**
 * @file Writes the demo data sets and the vocabulary: `npx tsx data/demo/prepare.ts [folder]`.
 */

import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { createRandom, type Random } from "../../packages/probes/src/random.ts";
import { type Answer, entailmentPair } from "./entailment.ts";
import type { Count, Tense } from "./phrases.ts";
import { type Polarity, polaritySentence } from "./polarity.ts";
import {
  type LengthBin,
  lengthBins,
  lengthSentence,
  numberSentence,
  tenseSentence,
} from "./sentences.ts";
import { buildVocabulary } from "./vocabulary.ts";

export type Row = { readonly text: string; readonly textPair?: string; readonly label: string };
export type DemoSet = "polarity" | "number" | "tense" | "length" | "entailment";

const rowsPerSet = 1500;
const seed = "probegrid demo data 1";

/** Rows of one data set: labels in equal numbers, no text twice, in random order. */
export function demoRows(name: DemoSet): readonly Row[] {
  const random = createRandom(seed).fork(name);
  const { labels, make } = generators[name];
  const seen = new Set<string>();
  const rows: Row[] = [];
  while (rows.length < rowsPerSet) {
    const label = labels[rows.length % labels.length] as string;
    const texts = make(random, label);
    const key = JSON.stringify(texts);
    if (seen.has(key)) continue;
    seen.add(key);
    rows.push({ ...texts, label });
  }
  return Array.from(random.permutation(rows.length), (i) => rows[i] as Row);
}

type Texts = { readonly text: string; readonly textPair?: string };
type Generator = {
  readonly labels: readonly string[];
  readonly make: (random: Random, label: string) => Texts;
};

const generators: { readonly [K in DemoSet]: Generator } = {
  polarity: {
    labels: ["positive", "negative"] satisfies Polarity[],
    make: (random, label) => ({ text: polaritySentence(random, label as Polarity) }),
  },
  number: {
    labels: ["singular", "plural"] satisfies Count[],
    make: (random, label) => ({ text: numberSentence(random, label as Count) }),
  },
  tense: {
    labels: ["past", "present"] satisfies Tense[],
    make: (random, label) => ({ text: tenseSentence(random, label as Tense) }),
  },
  length: {
    labels: Object.keys(lengthBins),
    make: (random, label) => ({ text: lengthSentence(random, label as LengthBin) }),
  },
  entailment: {
    labels: ["entailed", "not entailed"] satisfies Answer[],
    make: (random, label) => {
      const { premise, hypothesis } = entailmentPair(random, label as Answer);
      return { text: premise, textPair: hypothesis };
    },
  },
};

/** Names of the data sets, in the order of the README. */
export const demoSets = Object.keys(generators) as readonly DemoSet[];

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folder = process.argv[2] ?? dirname(fileURLToPath(import.meta.url));
  for (const name of demoSets) {
    const lines = demoRows(name).map((row) => `${JSON.stringify(row)}\n`);
    writeFileSync(join(folder, `${name}.jsonl`), lines.join(""));
    console.log(`${name}.jsonl: ${lines.length} rows`);
  }
  const pieces = buildVocabulary();
  writeFileSync(join(folder, "vocab.txt"), pieces.map((piece) => `${piece}\n`).join(""));
  console.log(`vocab.txt: ${pieces.length} pieces`);
}
