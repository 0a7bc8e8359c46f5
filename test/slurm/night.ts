/** @file The experiments that the cluster computes again and again, and their tables, by which runs are compared. */

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { storeRows } from "../store-rows.ts";

export type Night = {
  readonly folder: string;
  /** The table of an undisturbed run on this machine. */
  expected: Table;
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
  const write = (name: string, fields: object): void =>
    writeFileSync(join(folder, `${name}.json`), JSON.stringify(fields));
  write("e", experiment);
  const models = root("test/fixtures/models/bert");
  const data = { path: "tense.jsonl" };
  write("tune", {
    ...{ kind: "finetune", name: "tune", datasets: data, models, maxEpochs: 30, patience: 30 },
    ...{ batchSize: 4, learningRate: [1e-3, 2e-3] },
  });
  write("why", {
    ...{ kind: "attribute", name: "why", datasets: { ...data, limit: 40 } },
    models: [root("test/fixtures/models/bert-classification"), { base: models, maxEpochs: 2 }],
    ...{ methods: ["ig", "lrp"], checkedTexts: 2, infidelityDraws: 4, minTokens: 3, minCount: 1 },
  });
  return { folder, expected: {} };
}

export type Table = ReturnType<typeof storeRows>;

/** Every row of results in a store, to the last bit. */
export function tableOf({ folder }: Night, name: string): Table {
  return storeRows(join(folder, `${name}.db`));
}
