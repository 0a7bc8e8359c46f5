/** @file Fine-tuning at its edges: R0's words, pairs, too little memory, pruning, predictions of tables, layers before and after. */

import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openStore } from "@probegrid/runner/store";
import { afterAll, describe, expect, it } from "vitest";
import { openCheckpoint } from "../packages/runner/src/checkpoint.ts";
import { makeRandomCheckpoint } from "../packages/runner/src/random-checkpoint.ts";
import { fixtures, largestDifference } from "./golden.ts";
import {
  base,
  command,
  inTurn,
  runIn,
  train,
  valuesOf,
  weightsOf,
  words,
  workFolder,
  writeRows,
} from "./tuning.ts";

const { path: folder, remove } = workFolder("finetune-cases");
afterAll(remove);
const run = (...args: readonly string[]) => runIn(folder, ...args);
const rows = writeRows(join(folder, "rows.csv"), inTurn(120));
const write = (name: string, content: unknown): string => {
  const file = join(folder, name);
  writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
  return file;
};

it("understands R0's words, as options and in a file", () => {
  const options = [
    ...["--base_model", base, "--layers_frozen", "1", "--max_epochs", "1", "--batch_size", "32"],
    ...["--learning_rate", "0.001", "--valid_frac", "0.2", "--truncation", "front"],
    ...["--classificator_size", "4", "--pooling", "mean", "--dropout", "0.2"],
    ...["--early_stopping", "--num_workers", "0", "--weighted_sampling", "--device", "cpu"],
  ];
  const { status, stderr } = run("finetune", ...options, "--data", rows, "--out", "r0");
  expect(stderr).not.toContain("probegrid:");
  expect(status).toBe(0);
  const { settings } = JSON.parse(readFileSync(join(folder, "r0/probegrid.json"), "utf8"));
  const given = {
    ...{ layersFrozen: 1, maxEpochs: 1, batchSize: 32, learningRate: 0.001, validFrac: 0.2 },
    ...{ truncation: "front", classificatorSize: 4, pooling: "mean", dropout: 0.2 },
    ...{ earlyStopping: true, weightedSampling: true },
  };
  expect(settings).toMatchObject(given);
  const file = write("r0.json", {
    ...{ kind: "finetune", name: "r0", base_model: base, dataset: rows, layers_frozen: 1 },
    ...{ max_epochs: 1, batch_size: 32, learning_rate: 0.001, valid_frac: 0.2, dropout: 0.2 },
    ...{ truncation: "front", classificator_size: 4, pooling: "mean", num_workers: 0 },
    ...{ early_stopping: true, weighted_sampling: true },
  });
  const store = ["--store", join(folder, "r0.db"), "--device", "cpu"];
  expect(run("run", file, ...store).status).toBe(0);
  using opened = openStore(join(folder, "r0.db"), { readonly: true });
  const spec = opened.sqlite.prepare("select spec from trials").pluck().get() as string;
  expect(JSON.parse(spec).settings).toMatchObject(given);
});

it("reads both texts of a pair: a label that only their meeting decides is learned", async () => {
  // "same" where the second text begins with the word of the first.
  const [a, b] = words as [string, string];
  const pairs = Array.from({ length: 240 }, (_, i) => {
    const [first, second] = [i % 2 ? a : b, (i >> 1) % 2 ? a : b];
    return `${first},${second} ${words[2 + (i % 20)]},${first === second ? "same" : "other"}`;
  });
  const file = write("pairs.csv", `one,two,label\n${pairs.join("\n")}\n`);
  const knobs = { ...{ learningRate: 5e-3, batchSize: 8, maxEpochs: 12, pooling: "mean" } };
  const told = { rows: { path: file, text: "one", textPair: "two" }, out: join(folder, "pairs") };
  const { evaluation } = await train({ ...knobs, dropout: { hidden: 0, attention: 0 } }, told);
  if (evaluation.task !== "classification") throw new Error("expected classes");
  expect(evaluation.report.accuracy).toBeGreaterThan(0.9); // half would be guessing
  const answer = run("predict", "--model", "pairs", a, `${a} ${words[5]}`, "--json");
  expect(JSON.parse(answer.stdout)).toMatchObject({ text: a, label: "same" });
});

/** A model whose lower layer is so wide inside that a batch of short texts fills a gigabyte; the top one computes one token of each. */
async function wideModel(): Promise<string> {
  const small = await openCheckpoint(base);
  const wide = ([name, { shape }]: [string, { readonly shape: readonly number[] }]) => {
    const inner = /intermediate|layer\.\d\.output\.dense\.weight/.test(name);
    return [
      name,
      { dtype: "F32", shape: shape.map((n) => (inner && n === 24 ? 8192 : n)) },
    ] as const;
  };
  const config = { ...small.config, intermediate_size: 8192, num_hidden_layers: 2 };
  const tensors = new Map([...small.tensors].map(wide));
  return makeRandomCheckpoint(
    { ...small, config, tensors: tensors as never },
    { cache: folder, seed: 0 },
  );
}

describe("too little memory", () => {
  // The limit is the kernel's own, so the failure is a real one of ONNX Runtime's allocator.
  it.runIf(process.platform === "linux")(
    "halves the batch, accumulates, says so, and ends with the same weights",
    async () => {
      const model = await wideModel();
      const long = Array.from({ length: 400 }, (_, i) => {
        const text = Array.from(
          { length: 20 },
          (_, k) => words[(7 * i + k * (i % 5)) % words.length],
        );
        return `${words[(i % 2) * 12]} ${text.join(" ")},${i % 2}`;
      });
      const file = write("long.csv", `text,label\n${long.join("\n")}\n`);
      const still = JSON.stringify({ hidden: 0, attention: 0, head: 0 });
      const args = [
        ...["finetune", "--model", model, "--data", file, "--max-epochs", "1", "--device", "cpu"],
        ...["--batch-size", "400", "--dropout", still, "--learning-rate", "0.001"],
      ];
      const free = run(...args, "--out", "free");
      expect(free.stdout).not.toContain("memory did not suffice");
      const quoted = [process.execPath, command, ...args, "--out", "tight"].map((w) => `'${w}'`);
      const limited = (kilobytes: number) =>
        spawnSync("bash", ["-c", `ulimit -d ${kilobytes}; exec ${quoted.join(" ")} --overwrite`], {
          encoding: "utf8",
          cwd: folder,
        });
      // How much a process needs beside the batch differs by machine: look for a limit that bites.
      let result = limited(1_100_000);
      for (const limit of [900_000, 700_000, 550_000]) {
        if (result.status === 0 && result.stdout.includes("memory did not suffice")) break;
        result = limited(limit);
      }
      expect(result.stdout).toMatch(
        /note: memory did not suffice, batches are computed in pieces of (200|100|50|25|13)\n/,
      );
      expect(result.status).toBe(0);
      expect(result.stderr).not.toMatch(/onnxruntime|bfc_arena|Non-zero status/); // our note says it
      for (const name of weightsOf(join(folder, "free")).keys()) {
        const [a, b] = ["free", "tight"].map((out) => valuesOf(join(folder, out), name));
        // Sums in another order; AdamW turns a gradient's rounding into up to its learning rate.
        const far = /key\.bias/.test(name) ? 3e-3 : 2e-5;
        expect(largestDifference(a!, b!), name).toBeLessThan(far);
      }
    },
  );
});

describe("pruning", () => {
  it.each([
    [
      "median",
      { kind: "median", startup: 1, warmup: 6 },
      /is below the median \d\.\d+ of \d trainings/,
    ],
    ["halving", { kind: "halving", warmup: 6 }, /is not among the \d of \d trainings that go on/],
  ])("%s ends what is behind, says when and why, and leaves the others", (name, pruning, why) => {
    const many = writeRows(join(folder, "many.csv"), inTurn(320));
    const file = write(`${name}.json`, {
      ...{ kind: "finetune", name, datasets: many, models: base, pruning, pooling: "mean" },
      ...{ learningRate: [3e-3, 1e-9], maxEpochs: 8, batchSize: 8, validFrac: 0.25, patience: 9 },
      dropout: { hidden: 0, attention: 0, head: 0 },
    });
    const store = join(folder, `${name}.db`);
    const { stdout, status } = run("run", file, "--store", store, "--device", "cpu");
    expect(status).toBe(0);
    using opened = openStore(store, { readonly: true });
    const trials = opened.sqlite
      .prepare("select id, options, flags, state from trials order by key")
      .all() as { id: string; options: string; flags: string; state: string }[];
    const [good, bad] = trials.map(({ flags }) => (JSON.parse(flags) as string[]).join("\n"));
    expect(good).not.toContain("pruned");
    expect(bad).toMatch(/^pruned after evaluation 6: best score 0\.\d{4} /m);
    expect(bad).toMatch(why);
    expect(stdout).toContain(`${trials[1]!.id} pruned after evaluation 6`);
    expect(stdout.indexOf("\npruned after evaluation 6")).toBeLessThan(
      stdout.indexOf("accuracy  "),
    );
    const evaluations = opened.sqlite
      .prepare("select max(evaluation) from curves group by trial order by trial")
      .pluck()
      .all();
    expect(evaluations).toEqual([8, 6]);
  });
});

it("records the command that trains a point again, to the same bytes", () => {
  const data = { path: "rows.csv", quote: null, name: "own name" };
  const file = write("again.json", {
    ...{ kind: "finetune", name: "again", datasets: data, models: base, maxEpochs: 2 },
    ...{ dropout: { head: 0.3 }, classWeights: "balanced", learningRate: 0.002, seed: 3 },
  });
  const args = ["--store", "again.db", "--device", "cpu"];
  expect(run("run", file, ...args).status).toBe(0);
  using store = openStore(join(folder, "again.db"), { readonly: true });
  const spec = store.sqlite.prepare("select spec from experiments").pluck().get() as string;
  const [{ id, out, command: line }] = JSON.parse(spec).trainings;
  const own = line.replace("npx probegrid", `'${process.execPath}' '${command}'`);
  execFileSync("bash", ["-c", own], { cwd: folder, stdio: "pipe" });
  const bytes = (path: string) => readFileSync(join(folder, path, "model.safetensors"));
  expect(bytes(`repeat-${id}`).equals(bytes(out))).toBe(true);
  using other = openStore(join(folder, `repeat-${id}.db`), { readonly: true });
  expect(other.sqlite.prepare("select id from trials").pluck().all()).toEqual([id]);
});

describe("predict --input", () => {
  const [a, b] = words as [string, string];
  const expected = [a, `${b} "${a}"`];
  const files = {
    "texts.txt": `${expected.join("\n")}\n`,
    "texts.jsonl": expected.map((text) => `${JSON.stringify({ text })}\n`).join(""),
    "texts.csv": `id,text\n1,${a}\n2,"${b} ""${a}"""\n`,
    "texts.tsv": `id\ttext\n1\t${a}\n2\t"${b} ""${a}"""\n`,
  };
  it.each(Object.entries(files))("%s", (name, content) => {
    const answer = run("predict", "--model", "r0", "--input", write(name, content), "--json");
    const lines = answer.stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(lines.map(({ text }) => text)).toEqual(expected);
    for (const { scores, label } of lines) {
      expect(scores.neg + scores.pos).toBeCloseTo(1, 6);
      expect(scores[label]).toBeGreaterThanOrEqual(0.5);
    }
  });

  it("a column by its name, a wrong name with the names there are", () => {
    const file = write("named.csv", `remark,second\n${a},${b}\n`);
    const table = ["--input", file, "--model", "r0"];
    const one = run("predict", ...table, "--text-column", "remark", "--json");
    expect(JSON.parse(one.stdout)).toMatchObject({ text: a });
    const two = run(
      "predict",
      ...table,
      "--text-column",
      "remark",
      "--text-pair-column",
      "second",
      "--json",
    );
    expect(JSON.parse(two.stdout)).toMatchObject({ text: a, textPair: b });
    const wrong = run("predict", ...table, "--text-column", "remarks");
    expect(wrong.status).toBe(2);
    expect(wrong.stderr).toContain('unknown column "remarks", did you mean "remark"?');
    expect(run("predict", ...table).stderr).toContain("columns are remark, second");
  });

  it("softmax of the logits is the scores", () => {
    const answer = run("predict", "--model", "r0", a, "--json", "--logits");
    const { logits, scores } = JSON.parse(answer.stdout);
    const [x, y] = logits.map(Math.exp);
    expect(scores.neg).toBeCloseTo(x / (x + y), 6);
  });
});

it.each([
  ...["bert", "roberta", "xlm-roberta", "distilbert", "albert", "electra", "gpt2", "modernbert"],
  ...["deberta-v2", "gpt_neox", "llama", "mistral", "qwen2", "qwen3"],
])("gives %s a head that trains, under the names transformers has", async (name) => {
  const out = join(folder, `head-${name}`);
  const { points } = await train(
    {
      maxEpochs: 2,
      learningRate: 3e-3,
      batchSize: 30,
      dropout: { hidden: 0, attention: 0, head: 0 },
    },
    { model: join(fixtures, name), rows, out },
  );
  expect(points[1]!.trainLoss).not.toBe(points[0]!.trainLoss);
  const { architectures } = JSON.parse(readFileSync(join(out, "config.json"), "utf8"));
  expect(architectures[0]).toMatch(/ForSequenceClassification$/);
  const heads = [...weightsOf(out).keys()].filter((key) => /^(classifier|score)\./.test(key));
  expect(heads.length).toBeGreaterThan(0);
  for (const values of heads.map((key) => valuesOf(out, key))) {
    expect(values.some((value) => value !== 0)).toBe(true);
  }
});

it("stands beside its base in one probing experiment", () => {
  const file = write("beside.json", {
    ...{ name: "beside", datasets: [rows], models: [base, "r0"] },
    ...{ poolers: [{ layer: "each", token: "mean" }], classifiers: ["lda"] },
    folds: { kind: "stratified", k: 4, seed: 1 },
  });
  const store = join(folder, "beside.db");
  const ended = run("run", file, "--store", store, "--cache", "cache", "--device", "cpu");
  expect(ended.status).toBe(0);
  using opened = openStore(store, { readonly: true });
  const scores = opened.sqlite
    .prepare(
      `select m.name as model, t.layerIndex as layer, s.mean from trials t join models m on m.id = t.model
         join summaries s on s.trial = t.key and s.metric = 'accuracy' order by m.name, t.layerIndex`,
    )
    .all() as { model: string; layer: number; mean: number }[];
  const of = (model: string) => scores.filter((row) => row.model === model);
  expect(of("bert").map(({ layer }) => layer)).toEqual([0, 1, 2, 3]);
  expect(of("r0").map(({ layer }) => layer)).toEqual([0, 1, 2, 3]);
  // One layer was frozen with the embeddings: up to there nothing differs.
  expect(
    of("r0")
      .slice(0, 2)
      .map(({ mean }) => mean),
  ).toEqual(
    of("bert")
      .slice(0, 2)
      .map(({ mean }) => mean),
  );
});
