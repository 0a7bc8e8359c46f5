/** @file Fine-tuning end to end on a tiny model: every knob, checkpoints, a kill in the middle, bad input. */

import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createRandom } from "@probegrid/probes";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openCheckpoint } from "../packages/runner/src/checkpoint.ts";
import { loadDataset } from "../packages/runner/src/dataset.ts";
import { openClassifier } from "../packages/runner/src/finetune/open-classifier.ts";
import { readSettings } from "../packages/runner/src/finetune/settings.ts";
import {
  type TrainingNews,
  trainCheckpoint,
} from "../packages/runner/src/finetune/train-checkpoint.ts";
import { readHeader, readRows } from "../packages/runner/src/safetensors.ts";
import { fixtures, largestDifference } from "./golden.ts";

const command = fileURLToPath(new URL("../packages/runner/bin/probegrid.mjs", import.meta.url));
const base = join(fixtures, "bert");
const words = readFileSync(join(base, "vocab.txt"), "utf8")
  .split("\n")
  .filter((word) => /^[a-z]+$/.test(word));

let folder = "";
let data = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "probegrid-finetune-"));
  data = writeRows("train.csv", 160);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Texts that are "pos" where the first word is one of the first half of the vocabulary. */
function writeRows(name: string, count: number, labels = ["neg", "pos"]): string {
  const random = createRandom(name);
  const rows = Array.from({ length: count }, (_, i) => {
    const label = i % labels.length;
    const share = words.length / labels.length;
    const first = words[Math.floor(label * share + random.integer(Math.floor(share)))];
    const rest = Array.from(
      { length: random.integer(4) },
      () => words[random.integer(words.length)],
    );
    return `${[first, ...rest].join(" ")},${labels[label]}`;
  });
  const file = join(folder, name);
  writeFileSync(file, `text,label\n${rows.join("\n")}\n`);
  return file;
}

let made = 0;
async function train(
  knobs: Readonly<Record<string, unknown>>,
  {
    model = base,
    rows = data,
    tell = () => {},
  }: {
    readonly model?: string;
    readonly rows?: string;
    readonly tell?: (news: TrainingNews) => void;
  } = {},
) {
  const out = join(folder, `out-${made++}`);
  const result = await trainCheckpoint(
    {
      checkpoint: await openCheckpoint(model),
      dataset: await loadDataset(rows),
      settings: readSettings({ maxEpochs: 1, learningRate: 1e-2, ...knobs }),
      ...{ out, device: "cpu", threads: 1 },
      save: { steps: null, seconds: 300 },
    },
    { tell },
  );
  if (!result) throw new Error("the training was stopped");
  return { ...result, out };
}

const weightsOf = (out: string) => readHeader(join(out, "model.safetensors")).tensors;
const valuesOf = (out: string, name: string) => readRows(weightsOf(out).get(name)!);

function run(...args: readonly string[]) {
  return spawnSync(process.execPath, [command, ...args], { encoding: "utf8", cwd: folder });
}

it("learns, and leaves a checkpoint that answers as it was scored", async () => {
  const points: number[] = [];
  const result = await train(
    {
      ...{ pooling: "mean", learningRate: 5e-3, batchSize: 8, maxEpochs: 8 },
      dropout: { hidden: 0, attention: 0 },
    },
    {
      rows: writeRows("more.csv", 320),
      tell: (news) => news.kind === "evaluation" && points.push(news.point.trainLoss),
    },
  );
  expect(points.at(-1)!).toBeLessThan(points[0]! / 2);
  const { evaluation } = result;
  if (evaluation.task !== "classification") throw new Error("expected classes");
  expect(evaluation.report.macroF1).toBeGreaterThan(0.85);
  const config = JSON.parse(readFileSync(join(result.out, "config.json"), "utf8"));
  expect(config.architectures).toEqual(["BertModel"]); // the head is ours
  expect(config.id2label).toEqual({ 0: "neg", 1: "pos" });
  expect(config.label2id).toEqual({ neg: 0, pos: 1 });
  expect(existsSync(`${result.out}.training`)).toBe(false);
  const checkpoint = await openCheckpoint(result.out);
  const classifier = await openClassifier(checkpoint, { device: "cpu" });
  const rows = await loadDataset(join(folder, "more.csv"));
  const texts = Array.from(result.division.test, (row) =>
    classifier.tokenizer.encode(rows.texts[row]!),
  );
  const outputs = await classifier.predict(texts);
  await classifier.close();
  const found = texts.map((_, i) => Number(outputs[2 * i + 1]! > outputs[2 * i]!));
  expect(found).toEqual([...evaluation.predicted]);
});

it("ends with the same bits when it is killed in the middle and called again", async () => {
  const args = [
    ...["finetune", "--model", base, "--data", data, "--max-epochs", "4", "--batch-size", "4"],
    ...["--learning-rate", "0.003", "--device", "cpu", "--save-every", "7"],
  ];
  expect(run(...args, "--out", "whole").status).toBe(0);
  const state = join(folder, "broken.training", "state.safetensors");
  const child = spawn(process.execPath, [command, ...args, "--out", "broken"], { cwd: folder });
  const dead = new Promise((done) => child.once("exit", done));
  while (!existsSync(state) || Number(readHeader(state).metadata.step) < 40) {
    await new Promise((later) => setTimeout(later, 5));
  }
  child.kill("SIGKILL");
  await dead;
  expect(existsSync(join(folder, "broken"))).toBe(false);
  const again = run(...args, "--out", "broken");
  expect(again.stdout).toContain("goes on after update");
  const bytes = (name: string) => readFileSync(join(folder, name, "model.safetensors"));
  expect(bytes("broken").equals(bytes("whole"))).toBe(true);
});

it("gives the logits of transformers (fixtures/training/check.py --write)", async () => {
  const golden = fileURLToPath(new URL("./fixtures/training/finetuned-bert/", import.meta.url));
  const rows = JSON.parse(readFileSync(join(golden, "golden-logits.json"), "utf8"));
  const classifier = await openClassifier(await openCheckpoint(golden), { device: "cpu" });
  const texts = rows.map(({ text }: { text: string }) => classifier.tokenizer.encode(text));
  const outputs = await classifier.predict(texts);
  await classifier.close();
  const expected = rows.flatMap(({ logits }: { logits: number[] }) => logits);
  expect(largestDifference(outputs, expected)).toBeLessThan(1e-4);
});

describe("knobs", () => {
  it("layersFrozen leaves embeddings and first layers as they were", async () => {
    const { out } = await train({ layersFrozen: 2 });
    const before = weightsOf(base);
    const same = (name: string) =>
      largestDifference(valuesOf(out, `bert.${name}`), readRows(before.get(name)!)) === 0;
    expect(same("embeddings.word_embeddings.weight")).toBe(true);
    expect(same("encoder.layer.0.output.dense.weight")).toBe(true);
    expect(same("encoder.layer.1.attention.self.query.bias")).toBe(true);
    expect(same("encoder.layer.2.output.dense.weight")).toBe(false);
    await expect(train({ layersFrozen: 4 })).rejects.toThrow("expected 0 to 3");
  });

  it("frozen layers take no part in the training state", async () => {
    const states: number[] = [];
    await train(
      { layersFrozen: 3 },
      {
        tell: (news) => {
          if (news.kind !== "evaluation") return;
          const file = join(folder, `out-${made - 1}.training`, "state.safetensors");
          states.push(readHeader(file).tensors.size);
        },
      },
    );
    expect(states).toEqual([3 * 4]); // pooler and classifier, weight and bias: value and two moments
  });

  it.each(["cls", "mean", "max"] as const)("pooling %s has a head of its own", async (pooling) => {
    const { out } = await train({ pooling, classificatorSize: 5 });
    const shapes = [...weightsOf(out)].flatMap(([name, { shape }]) =>
      name.startsWith("probegrid_head.") ? [[name, shape]] : [],
    );
    expect(Object.fromEntries(shapes)).toEqual({
      "probegrid_head.dense.weight": [5, 16],
      "probegrid_head.dense.bias": [5],
      "probegrid_head.out.weight": [2, 5],
      "probegrid_head.out.bias": [2],
    });
  });

  it("learning rates differ by depth: head, and decay for each layer below", async () => {
    const { out } = await train({
      ...{ learningRate: 1e-3, headLearningRate: 1e-2, layerDecay: 0.1, maxEpochs: 1 },
      ...{ schedule: "constant", batchSize: 1000, weightDecay: 0, clipNorm: null },
    });
    // One AdamW step moves every weight with a gradient by its learning rate.
    const before = weightsOf(base);
    const moved = (name: string) => {
      const values = valuesOf(out, `bert.${name}`);
      const old = readRows(before.get(name)!);
      return largestDifference(values, old);
    };
    expect(moved("pooler.dense.weight")).toBeCloseTo(1e-2, 4);
    expect(moved("encoder.layer.2.output.dense.weight")).toBeCloseTo(1e-4, 6);
    expect(moved("encoder.layer.0.output.dense.weight")).toBeCloseTo(1e-6, 7);
  });

  it("accumulation takes fewer updates, of the same gradient", async () => {
    const knobs = { dropout: { hidden: 0, attention: 0, head: 0 }, maxEpochs: 1 };
    const whole = await train({ ...knobs, batchSize: 16 });
    const pieces = await train({ ...knobs, batchSize: 4, accumulation: 4 });
    expect(pieces.steps).toBe(whole.steps);
    const name = "bert.encoder.layer.0.output.dense.weight";
    expect(largestDifference(valuesOf(pieces.out, name), valuesOf(whole.out, name))).toBeLessThan(
      1e-4,
    );
  });

  it("early stopping ends after `patience` evaluations without a rise, and keeps the best", async () => {
    const { points, kept } = await train({ learningRate: 1e-9, maxEpochs: 9, patience: 2 });
    expect(points).toHaveLength(3); // the first is the best of equals
    expect(kept).toBe(1);
    const all = await train({ learningRate: 1e-9, maxEpochs: 4, earlyStopping: false });
    expect(all.points).toHaveLength(4);
    expect(all.kept).toBe(null);
  });

  it("truncation and maxTokens decide which words count", async () => {
    const long = join(folder, "long.csv");
    const rows = Array.from({ length: 60 }, (_, i) => {
      const middle = Array.from({ length: 20 }, (_, k) => words[(i + k) % words.length]);
      return `${words[i % 2]} ${middle.join(" ")},${i % 2}`;
    });
    writeFileSync(long, `text,label\n${rows.join("\n")}\n`);
    const knobs = { maxTokens: 6, maxEpochs: 8 };
    const end = await train({ ...knobs, truncation: "end" }, { rows: long });
    const front = await train({ ...knobs, truncation: "front" }, { rows: long });
    const f1 = ({ evaluation }: typeof end) =>
      evaluation.task === "classification" ? evaluation.report.macroF1 : 0;
    expect(f1(end)).toBe(1); // the word that tells is the first one
    expect(end.warnings.join()).toContain("60 texts of 60 truncated");
    expect(f1(front)).toBeLessThan(1);
  });

  it("seeds decide everything, workers nothing", async () => {
    const one = await train({ seed: 1 });
    const same = await train({ seed: 1, numWorkers: 2 });
    const other = await train({ seed: 2 });
    const bytes = ({ out }: typeof one) => readFileSync(join(out, "model.safetensors"));
    expect(bytes(same).equals(bytes(one))).toBe(true);
    expect(bytes(other).equals(bytes(one))).toBe(false);
  });

  it("weights, smoothing, decay, clipping, schedule, warm-up and dropout each change the weights", async () => {
    const plain = await train({ validFrac: 0.2 });
    const bytes = (out: string) => readFileSync(join(out, "model.safetensors")).toString("base64");
    const reference = bytes(plain.out);
    const changes: readonly Record<string, unknown>[] = [
      { classWeights: [1, 3] },
      { labelSmoothing: 0.1 },
      { weightDecay: 0.5 },
      { clipNorm: 1e-3 },
      { schedule: "cosine" },
      { schedule: "constant" },
      { warmup: 0.5 },
      { dropout: 0.5 },
      { weightedSampling: true },
      { batchSize: 8 },
      { maxEpochs: 2 },
    ];
    for (const change of changes) {
      const { out } = await train({ validFrac: 0.2, ...change });
      expect(bytes(out) === reference, JSON.stringify(change)).toBe(false);
    }
  });
});

it("learns values: a regression has one output and R²", async () => {
  const file = join(folder, "values.csv");
  const rows = Array.from(
    { length: 300 },
    (_, i) => `${words[i % 12]} ${words[i % 29]},${(i % 12) / 11 + 0.001}`,
  );
  writeFileSync(file, `text,label\n${rows.join("\n")}\n`);
  const { evaluation, out } = await train(
    { maxEpochs: 12, pooling: "mean", learningRate: 5e-3 },
    { rows: file },
  );
  if (evaluation.task !== "regression") throw new Error("expected values");
  expect(evaluation.report.r2).toBeGreaterThan(0.8);
  expect(evaluation.report.mse).toBeLessThan(evaluation.baseline.mse);
  expect(JSON.parse(readFileSync(join(out, "config.json"), "utf8")).problem_type).toBe(
    "regression",
  );
});

describe("bad input", () => {
  it("one class: nothing to learn", () => {
    const file = writeRows("one.csv", 10, ["only"]);
    const { stderr, status } = run("finetune", "--model", base, "--data", file, "--out", "no");
    expect(status).toBe(2);
    expect(stderr).toContain('expected at least 2 classes, all 10 rows have label "only"');
  });

  it("a class without validation rows is named", async () => {
    const file = join(folder, "rare.csv");
    const rows = readFileSync(data, "utf8");
    writeFileSync(file, `${rows}${words[0]},rare\n`);
    const { warnings } = await train({}, { rows: file });
    expect(warnings.join()).toContain('no validation row is "rare"');
  });

  it("divergence names step and learning rate", async () => {
    const knobs = { learningRate: 10, clipNorm: null, schedule: "constant", maxEpochs: 30 };
    await expect(train({ ...knobs, weightDecay: 1e30 })).rejects.toThrow(
      /training diverged: loss is (NaN|Infinity|-Infinity) at step \d+ with learning rate 10/,
    );
  });

  it("labels that a checkpoint does not know", () => {
    const file = writeRows("other.csv", 12, ["neg", "pos", "neutral"]);
    const { stderr, status } = run("evaluate", "--model", "whole", "--data", file);
    expect(status).toBe(2);
    expect(stderr).toContain('the checkpoint does not know "neutral", its labels are neg, pos');
  });

  it("a checkpoint without a head", () => {
    const { stderr, status } = run("predict", "--model", base, "hello");
    expect(status).toBe(2);
    expect(stderr).toContain(
      "has no classification head (expected a BertForSequenceClassification",
    );
  });

  it("a knob out of range, by its option", () => {
    const args = ["finetune", "--model", base, "--data", data, "--out", "no"];
    expect(run(...args, "--batch-size", "0").stderr).toContain(
      "--batch-size: expected a number of texts from 1, got 0",
    );
    expect(run(...args, "--pooling", "avg").stderr).toContain('did you mean "mean"');
    expect(run(...args, "--layers_frozen", "99").stderr).toContain("expected 0 to 3");
  });
});

it("evaluate and predict speak to people and to programs", () => {
  const json = run("evaluate", "--model", "whole", "--data", data, "--json");
  const report = JSON.parse(json.stdout);
  const [[nn, np], [pn, pp]] = report.confusion;
  expect(nn + np + pn + pp).toBe(160);
  expect(report.accuracy).toBeCloseTo((nn + pp) / 160, 12);
  const f1 = (hits: number, wrong: number) => (2 * hits) / (2 * hits + wrong);
  expect(report.macroF1).toBeCloseTo((f1(nn, np + pn) + f1(pp, np + pn)) / 2, 12);
  expect(report.baseline).toMatchObject({ accuracy: 0.5 });
  const table = run("evaluate", "--model", "whole", "--data", data).stdout;
  expect(table).toContain("true \\ predicted");
  const answer = run("predict", "--model", "whole", words[0]!, "--json");
  const { label, scores } = JSON.parse(answer.stdout);
  expect(scores.neg + scores.pos).toBeCloseTo(1, 6);
  expect(scores[label]).toBeGreaterThan(0.5);
});
