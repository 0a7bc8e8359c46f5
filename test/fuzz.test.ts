/** @file Damaged files of every kind that people get from others: a result or a clear error, never a hang or a blow-up. */

import { cpSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { createTokenizer, modelTypes, readModel, smallConfig } from "@probegrid/probes";
import { expect, it } from "vitest";
import { readTrees } from "../packages/runner/src/attribute/gold-words.ts";
import { openCheckpoint } from "../packages/runner/src/checkpoint.ts";
import { damage } from "../packages/runner/src/damage.ts";
import { loadAnyExperiment, loadExperiment } from "../packages/runner/src/experiment.ts";
import { loadState, stateFolder } from "../packages/runner/src/finetune/training-state.ts";
import { parquetClassNames, readParquet } from "../packages/runner/src/hub/data/parquet.ts";
import { readRecords } from "../packages/runner/src/hub/data/records.ts";
import { readTar } from "../packages/runner/src/hub/data/tar.ts";
import { tarOf } from "../packages/runner/src/hub/data/tar-of.ts";
import { importResults } from "../packages/runner/src/import/import-results.ts";
import { readHeader, readRowBytes } from "../packages/runner/src/safetensors.ts";
import { writeSafetensors } from "../packages/runner/src/safetensors-writer.ts";
import { readShard } from "../packages/runner/src/slurm/shard.ts";
import { readSubmission } from "../packages/runner/src/slurm/sweep.ts";
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
const shard = {
  ...{ kind: "probe", from: "/", cache: "cache", name: "a x b", trials: ["1"], device: "cpu" },
  ...{ batchTokens: null, attempts: 0, seconds: 1, experiment: {}, custom: false, encoding: "2" },
};
mkdirSync(join(folder, "shards"));
const submission = {
  ...{ name: "probegrid-1-0", job: "12", tasks: [{ shards: ["1"], open: true }] },
  ...{ minutes: 10, memory: null, exclude: ["n1"] },
};
const data = { path: "texts.jsonl", limit: 9 };
const otherKinds = {
  finetune: {
    ...{ datasets: data, models: ["bert"], learningRate: [1e-3, 2e-3], dropout: { head: 0.1 } },
    ...{ search: { trials: 2 }, pruning: { kind: "median", startup: 2 }, classWeights: [1, 2] },
  },
  attribute: {
    ...{ datasets: [data], models: ["bert", { base: "bert", maxEpochs: 1 }], target: "unit:1:2" },
    methods: ["ig", { name: "information", steps: 2, regularization: { sample: 3 } }],
  },
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
  ...Object.entries(otherKinds).map(([kind, fields]) => ({
    name: `${kind}.json`,
    good: Buffer.from(JSON.stringify({ kind, name: "fuzz", ...fields })),
    rounds: 150,
    read: loadAnyExperiment,
  })),
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
  {
    name: "model.safetensors",
    good: readFileSync(join(fixtures, "models/bert/model.safetensors")),
    within: 4000,
    rounds: 200,
    read: (file) => {
      const { tensors } = readHeader(file);
      for (const tensor of tensors.values()) readRowBytes(tensor);
    },
  },
  {
    name: "model.safetensors.index.json",
    good: Buffer.from(
      JSON.stringify({ weight_map: { a: "one.safetensors", b: "two.safetensors" } }),
    ),
    rounds: 100,
    read: readDivided,
    clear: ({ message }) => message.includes("divided"),
  },
  {
    name: "data.tar",
    good: tarOf({ "train.csv": Buffer.from("a,0\nb,1\n"), "test.csv": Buffer.from("c,0\n") }),
    rounds: 200,
    read: async (file) => await readTar(file, ["train.csv", "test.csv"]),
  },
  {
    name: "rows.csv.gz",
    good: gzipSync('text,label\n"a, ""b""",1\nc,0\n'),
    rounds: 150,
    read: async (from) => {
      for await (const _ of readRecords({ from, format: "csv" }));
    },
    clear: () => true, // whoever fetched it names its home
  },
  {
    name: "shard.json",
    good: Buffer.from(JSON.stringify(shard)),
    rounds: 150,
    read: (file) => {
      cpSync(file, join(folder, "shards", "shard.json"));
      readShard(folder, "shard");
    },
  },
  {
    name: "submission.json",
    good: Buffer.from(JSON.stringify(submission)),
    rounds: 150,
    read: readSubmission,
  },
  {
    name: "state.safetensors",
    good: trainingState(),
    rounds: 200,
    read: (file) => {
      cpSync(file, join(stateFolder(folder), "state.safetensors"));
      loadState(folder, "a training");
    },
    clear: ({ message }) => message.includes(stateFolder(folder)),
  },
  {
    name: "trees.txt",
    good: Buffer.from("(3 (2 It) (4 (4 works)))\n(1 (2 No) (1 way))\n"),
    rounds: 150,
    read: readTrees,
  },
  { name: "store.db", good: storeBytes(), within: 20_000, rounds: 120, read: readStore },
];

function trainingState(): Buffer {
  const losses = { sum: 1, count: 1 };
  const progress = { step: 1, epoch: 0, update: 1, points: [], best: null, losses, pieceRows: 2 };
  const file = join(folder, "good.safetensors");
  writeSafetensors(
    file,
    { "p.w": { dtype: "F32", shape: [2], data: Float32Array.of(1, 2) } },
    { id: "a training", step: "1", progress: JSON.stringify({ ...progress, finished: null }) },
  );
  mkdirSync(stateFolder(folder), { recursive: true });
  return readFileSync(file);
}

/** A checkpoint whose weights an index divides: the index is what is damaged. */
async function readDivided(index: string): Promise<unknown> {
  const divided = join(folder, "divided");
  mkdirSync(divided, { recursive: true });
  cpSync(join(fixtures, "models/bert/config.json"), join(divided, "config.json"));
  cpSync(index, join(divided, "model.safetensors.index.json"));
  return await openCheckpoint(divided);
}

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
