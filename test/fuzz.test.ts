/** @file Damaged files of every kind that people get from others: a result or a clear error, never a hang or a blow-up. */

import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createTokenizer, modelTypes, readModel, smallConfig } from "@probegrid/probes";
import { expect, it } from "vitest";
import { damage } from "../packages/runner/src/damage.ts";
import { loadExperiment } from "../packages/runner/src/experiment.ts";
import { parquetClassNames, readParquet } from "../packages/runner/src/hub/data/parquet.ts";
import { importResults } from "../packages/runner/src/import/import-results.ts";
import { openStore, readStatus } from "../packages/runner/src/store/index.ts";
import { makeExample } from "../packages/runner/src/store/make-example.ts";
import { readStateDict } from "../packages/runner/src/torch/state-dict.ts";

const folder = mkdtempSync(join(tmpdir(), "probegrid-fuzz-"));
const fixtures = fileURLToPath(new URL("./fixtures", import.meta.url));

type Reader = {
  readonly name: string;
  /** A good file to damage. */
  readonly good: Buffer;
  /** Where the damage goes: the whole file when not given. */
  readonly within?: number;
  readonly rounds: number;
  readonly read: (file: string) => unknown;
  /** True of an error that tells a person what is wrong; ours name the file. */
  readonly clear?: (error: Error) => boolean;
};

const experiment = {
  name: "fuzz",
  datasets: ["texts.jsonl"],
  models: ["bert"],
  poolers: [
    { layer: "each", token: "mean" },
    { layer: [1, 2], layerMethod: "concat" },
  ],
  classifiers: ["lda", { name: "logistic", c: 0.1 }],
  folds: { kind: "stratified", k: 3, seed: 1 },
};
const yaml = `name: fuzz
datasets: [texts.jsonl]
models: [bert]
poolers:
  - {layer: each, token: mean}
classifiers: &all [lda, {name: logistic, c: 0.1}]
folds: {kind: stratified, k: 3}
`;

function storeBytes(): Buffer {
  const file = join(folder, "good.db");
  const { store } = makeExample(3, file);
  store.sqlite.pragma("journal_mode = delete");
  store.close();
  return readFileSync(file);
}

function tokenize(name: string): (file: string) => unknown {
  return (file) => createTokenizer({ [name]: readFileSync(file, "utf8") }).encode("a b é 中 12");
}

const tokenizers = join(fixtures, "tokenizers");
const merges = readFileSync(join(tokenizers, "gpt2/merges.txt"), "utf8");
const vocabulary = readFileSync(join(tokenizers, "gpt2/vocab.json"), "utf8");
const readers: readonly Reader[] = [
  {
    name: "experiment.json",
    good: Buffer.from(JSON.stringify(experiment)),
    rounds: 150,
    read: loadExperiment,
  },
  { name: "experiment.yaml", good: Buffer.from(yaml), rounds: 150, read: loadExperiment },
  ...["first-form.json", "second-form.json", "bundle.json"].map((name) => ({
    name,
    good: readFileSync(join(fixtures, "r1", name)),
    rounds: 40,
    read: importInto,
  })),
  ...["zip.bin", "legacy.bin"].map((name) => ({
    name,
    good: readFileSync(join(fixtures, "torch", name)),
    rounds: 200,
    read: readStateDict,
  })),
  {
    name: "tokenizer.json",
    good: readFileSync(join(tokenizers, "roberta-json/tokenizer.json")),
    rounds: 60,
    read: tokenize("tokenizer.json"),
    clear: () => true, // made from contents, not from a file: the checkpoint names it
  },
  {
    name: "vocab.txt",
    good: readFileSync(join(tokenizers, "bert-uncased/vocab.txt")),
    rounds: 60,
    read: tokenize("vocab.txt"),
    clear: () => true,
  },
  {
    name: "vocab.json",
    good: readFileSync(join(tokenizers, "gpt2/vocab.json")),
    rounds: 40,
    read: (file) =>
      createTokenizer({ "vocab.json": readFileSync(file, "utf8"), "merges.txt": merges }),
    clear: () => true,
  },
  {
    name: "merges.txt",
    good: Buffer.from(merges),
    rounds: 40,
    read: (file) =>
      createTokenizer({ "vocab.json": vocabulary, "merges.txt": readFileSync(file, "utf8") }),
    clear: () => true,
  },
  ...modelTypes.map((type) => ({
    name: `config of ${type}`,
    good: Buffer.from(JSON.stringify(smallConfig(type))),
    rounds: 60,
    read: (file: string) => readModel(JSON.parse(readFileSync(file, "utf8"))),
    clear: () => true, // the checkpoint names the file
  })),
  {
    name: "train.parquet",
    good: readFileSync(join(fixtures, "parquet/train.parquet")),
    rounds: 200,
    read: async (file) => {
      await parquetClassNames(file, "label");
      let rows = 0;
      for await (const _ of readParquet(file)) rows++;
      return rows;
    },
  },
  { name: "store.db", good: storeBytes(), within: 20_000, rounds: 120, read: readStore },
];

function importInto(file: string): unknown {
  using store = openStore(":memory:");
  return importResults(store, file, { experiment: "fuzz" });
}

function readStore(file: string): unknown {
  using store = openStore(file, { readonly: true });
  return readStatus(store);
}

it.each(readers)(
  "answers a damaged $name with what it holds or with a clear error",
  async ({
    name,
    good,
    within,
    rounds,
    read,
    clear = ({ message }) => message.includes(name) || message.includes("database"),
  }) => {
    const file = join(folder, name);
    const before = process.memoryUsage().rss;
    const options = { rounds, seed: 11, ...(within === undefined ? {} : { within }) };
    for (const bytes of damage(good, options)) {
      writeFileSync(file, bytes);
      const begun = performance.now();
      try {
        await read(file);
      } catch (error) {
        expect(error).toBeInstanceOf(Error);
        const { message } = error as Error;
        expect(message, message).not.toMatch(/^internal:|Cannot read prop|is not a function/);
        expect(clear(error as Error), message).toBe(true);
      }
      expect(performance.now() - begun).toBeLessThan(10_000);
    }
    expect(process.memoryUsage().rss - before).toBeLessThan(600e6);
  },
);
