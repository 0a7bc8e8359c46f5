/** @file Writes airline.csv: three unequal classes in the columns of the airline tweets. `npx tsx data/airline/prepare.ts`. */

import { readFileSync, writeFileSync } from "node:fs";
import { createRandom } from "@probegrid/probes";

type Row = { readonly text: string; readonly label: string };

const read = (name: string): readonly Row[] =>
  readFileSync(new URL(`../demo/${name}.jsonl`, import.meta.url), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Row);

/** Rows of each class: shares like those of the airline tweets (63, 21 and 16 %). */
const counts = { negative: 750, neutral: 252, positive: 192 } as const;

const polarity = read("polarity");
const sources = {
  negative: polarity.filter(({ label }) => label === "negative"),
  neutral: read("tense"), // sentences that judge nothing
  positive: polarity.filter(({ label }) => label === "positive"),
};
const rows = Object.entries(counts).flatMap(([label, count]) =>
  sources[label as keyof typeof counts].slice(0, count).map(({ text }) => `${label},"${text}"`),
);
const order = createRandom("airline").permutation(rows.length);
const lines = Array.from(order, (i) => rows[i]);
writeFileSync(
  new URL("airline.csv", import.meta.url),
  `airline_sentiment,text\n${lines.join("\n")}\n`,
);
