/** @file The experiment that the cluster computes again and again, and its table, by which runs are compared. */

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openStore, readResults } from "@probegrid/runner/store";

export type Night = {
  readonly folder: string;
  /** The table of an undisturbed run on this machine. */
  expected: readonly unknown[];
};

const root = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** Four data sets of the demo, so that two nodes have something to do, and probes that take some seconds. */
export function makeNight(folder: string): Night {
  mkdirSync(folder, { recursive: true });
  const datasets = ["tense", "number", "polarity", "length"].map((name) => {
    const rows = readFileSync(root(`data/demo/${name}.jsonl`), "utf8")
      .split("\n")
      .slice(0, 300);
    writeFileSync(join(folder, `${name}.jsonl`), `${rows.join("\n")}\n`);
    return `${name}.jsonl`;
  });
  const experiment = {
    ...{ name: "it's a $(night)", datasets, models: [root("models/demo-bert")] },
    poolers: [{ layer: "each", token: "mean" }],
    classifiers: ["lda", "logistic"],
    folds: { kind: "stratified", k: 5, seed: 1 },
  };
  writeFileSync(join(folder, "e.json"), JSON.stringify(experiment));
  return { folder, expected: [] };
}

/** Every score of a store, to the last bit. */
export function tableOf({ folder }: Night, name: string): readonly unknown[] {
  using store = openStore(join(folder, `${name}.db`), { readonly: true });
  return [...readResults(store)];
}
