/** @file Fine-tuning end to end on a tiny model: every knob, checkpoints, a kill in the middle, bad input. */

import { spawn } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openCheckpoint } from "../packages/runner/src/checkpoint.ts";
import { loadDataset } from "../packages/runner/src/dataset.ts";
import { openClassifier } from "../packages/runner/src/finetune/open-classifier.ts";
import { readHeader } from "../packages/runner/src/safetensors.ts";
import { largestDifference } from "./golden.ts";
import {
  base,
  command,
  inTurn,
  runIn,
  type Told,
  train as trainOne,
  words,
  workFolder,
  writeRows,
} from "./tuning.ts";

let folder = "";
let data = "";
const { path, remove } = workFolder("finetune");
beforeAll(() => {
  folder = path;
  data = rowsNamed("train.csv", 160);
});
afterAll(remove);

const rowsNamed = (name: string, count: number, labels = ["neg", "pos"]): string =>
  writeRows(join(folder, name), inTurn(count, labels), labels);

let made = 0;
const train = (knobs: Readonly<Record<string, unknown>>, told: Partial<Omit<Told, "out">> = {}) =>
  trainOne(knobs, { rows: data, ...told, out: join(folder, `out-${made++}`) });

const run = (...args: readonly string[]) => runIn(folder, ...args);

it("learns, and leaves a checkpoint that answers as it was scored", async () => {
  const points: number[] = [];
  const result = await train(
    {
      ...{ pooling: "mean", learningRate: 3e-3, batchSize: 8, maxEpochs: 8 },
      dropout: { hidden: 0, attention: 0 },
    },
    {
      rows: rowsNamed("more.csv", 320),
      tell: (news) => news.kind === "evaluation" && points.push(news.point.trainLoss),
    },
  );
  expect(points.at(-1)!).toBeLessThan(0.6 * points[0]!);
  const { evaluation } = result;
  if (evaluation.task !== "classification") throw new Error("expected classes");
  expect(evaluation.report.macroF1).toBeGreaterThan(0.65);
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

it("ends with the same bits when it is killed twice in the middle and called again", async () => {
  const args = [
    ...["finetune", "--model", base, "--data", data, "--max-epochs", "4", "--batch-size", "4"],
    ...["--learning-rate", "0.003", "--device", "cpu", "--save-every", "7"],
  ];
  expect(run(...args, "--out", "whole").status).toBe(0);
  const state = join(folder, "broken.training", "state.safetensors");
  for (const moment of [20, 90]) {
    const child = spawn(process.execPath, [command, ...args, "--out", "broken"], { cwd: folder });
    const dead = new Promise((done) => child.once("exit", done));
    while (!existsSync(state) || Number(readHeader(state).metadata.step) < moment) {
      await new Promise((later) => setTimeout(later, 5));
    }
    child.kill("SIGKILL");
    await dead;
  }
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

it("learns values: a regression has one output and R²", async () => {
  const file = join(folder, "values.csv");
  const rows = Array.from(
    { length: 300 },
    (_, i) => `${words[i % 12]} ${words[i % 29]},${(i % 12) / 11 + 0.001}`,
  );
  writeFileSync(file, `text,label\n${rows.join("\n")}\n`);
  const { evaluation, out } = await train(
    // With dropout a model of this size learns it from some seeds only.
    {
      ...{ maxEpochs: 12, pooling: "mean", learningRate: 5e-3 },
      dropout: { hidden: 0, attention: 0, head: 0 },
    },
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
    const file = rowsNamed("one.csv", 10, ["only"]);
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
    const file = rowsNamed("other.csv", 12, ["neg", "pos", "neutral"]);
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
