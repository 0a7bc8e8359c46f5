/** @file The demo model is small, reads with its data, and its layers differ as its README says. */

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buildVocabulary } from "../data/demo/vocabulary.ts";

const root = new URL("..", import.meta.url).pathname;
const model = join(root, "models", "demo-bert");
const scratch = mkdtempSync(join(tmpdir(), "probegrid-demo-model-"));
afterAll(() => rmSync(scratch, { recursive: true }));

test("has at most 4 MB of weights, in float16", () => {
  const file = join(model, "model.safetensors");
  expect(statSync(file).size).toBeLessThanOrEqual(4_000_000);
  const bytes = readFileSync(file);
  const header = JSON.parse(bytes.toString("utf8", 8, 8 + Number(bytes.readBigUInt64LE(0))));
  const { __metadata__, ...tensors } = header as Record<string, { dtype: string }>;
  expect(new Set(Object.values(tensors).map(({ dtype }) => dtype))).toEqual(new Set(["F16"]));
});

test("has the vocabulary of the demo data in both of its forms", () => {
  const pieces = buildVocabulary();
  const text = readFileSync(join(model, "vocab.txt"), "utf8");
  expect(text.trimEnd().split("\n")).toEqual(pieces);
  const { model: wordPiece } = JSON.parse(readFileSync(join(model, "tokenizer.json"), "utf8"));
  expect(wordPiece.vocab).toEqual(Object.fromEntries(pieces.map((piece, id) => [piece, id])));
  const config = JSON.parse(readFileSync(join(model, "config.json"), "utf8"));
  expect(config.vocab_size).toBe(pieces.length);
});

let curves: ReadonlyMap<string, readonly number[]>;
beforeAll(() => {
  const places = ["--store", join(scratch, "demo.db"), "--cache", join(scratch, "cache")];
  const poolers = JSON.stringify([{ layer: "each", token: "mean" }]);
  const grid = ["--set", 'classifiers=["lda"]', "--set", `poolers=${poolers}`];
  probegrid("run", join(root, "experiments", "demo.ts"), ...places, "--device", "cpu", ...grid);
  const rows = JSON.parse(probegrid("results", ...places.slice(0, 2), "--format", "json"));
  curves = accuracyByLayer(rows);
}, 300_000);

test("tense is read off word forms from layer 0 on", () => {
  expect(Math.min(...curve("tense"))).toBeGreaterThan(0.99);
});

test("number needs a layer of attention to tell the subject from the distractor", () => {
  const scores = curve("number");
  expect(scores[0]).toBeLessThan(0.65);
  expect(scores[1]).toBeGreaterThan(0.75);
  expect(scores[3]).toBeGreaterThan(0.9);
});

test("polarity under negation is at chance below and clear above", () => {
  const scores = curve("polarity");
  expect(scores[0]).toBeLessThan(0.6);
  expect(scores[1]).toBeLessThan(0.65);
  expect(scores.at(-1)).toBeGreaterThan(0.85);
});

test("sentence length is known from position embeddings", () => {
  expect(Math.min(...curve("length"))).toBeGreaterThan(0.85);
});

function curve(dataset: string): readonly number[] {
  const scores = curves.get(dataset);
  if (scores?.length !== 7) throw new Error(`expected 7 layers of ${dataset}, got ${scores}`);
  return scores;
}

type Row = { dataset: string; layer: number; metric: string; mean: number };

function accuracyByLayer(rows: readonly Row[]): ReadonlyMap<string, readonly number[]> {
  const scores = rows.filter(({ metric }) => metric === "accuracy");
  scores.sort((a, b) => a.layer - b.layer);
  return new Map(
    scores.map(({ dataset }) => [
      dataset,
      scores.filter((row) => row.dataset === dataset).map(({ mean }) => mean),
    ]),
  );
}

function probegrid(...args: readonly string[]): string {
  const program = join(root, "packages", "runner", "bin", "probegrid.mjs");
  const options = { encoding: "utf8", cwd: scratch, stdio: "pipe" } as const;
  return execFileSync(process.execPath, [program, ...args], options);
}
