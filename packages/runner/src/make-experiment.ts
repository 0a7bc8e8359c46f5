/** @file A small experiment in a fresh temporary folder, for tests: sentences of the tiny model's words. */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createRandom } from "@probegrid/probes";

/** The tiny BERT of the fixtures: 4 hidden states of width 16. */
export const tinyBert = fileURLToPath(
  new URL("../../../test/fixtures/models/bert", import.meta.url),
);

export type ExperimentFolder = {
  readonly folder: string;
  /** Writes a file into the folder and returns its path. */
  readonly write: (name: string, contents: unknown) => string;
  /** Store and cache inside the folder. */
  readonly places: { readonly store: string; readonly cache: string };
};

/** Removed when the process (or thread) that made them ends. */
const folders = new Set<string>();
process.once("exit", () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A folder with `texts.jsonl`: `rows` sentences of two classes, which differ in one word. */
export function makeExperimentFolder(rows = 60): ExperimentFolder {
  const folder = mkdtempSync(join(tmpdir(), "probegrid-"));
  folders.add(folder);
  const write = (name: string, contents: unknown): string => {
    const file = join(folder, name);
    writeFileSync(file, typeof contents === "string" ? contents : JSON.stringify(contents));
    return file;
  };
  const random = createRandom(7);
  const words = ["the", "a", "cat", "dog", "house", "tree"];
  const lines = Array.from({ length: rows }, (_, i) => {
    const length = 2 + random.integer(6);
    const text = Array.from({ length }, () => words[random.integer(words.length)]).join(" ");
    const label = random.next() < 0.8 ? i % 2 : (i + 1) % 2;
    return JSON.stringify({ text: `${text} ${i % 2 === 0 ? "good" : "bad"}`, label });
  });
  write("texts.jsonl", `${lines.join("\n")}\n`);
  return { folder, write, places: { store: join(folder, "s.db"), cache: join(folder, "cache") } };
}

/** Fields of an experiment on that folder; `change` replaces some. */
export function experimentFields(change: Readonly<Record<string, unknown>> = {}): object {
  return {
    name: "tiny",
    datasets: ["texts.jsonl"],
    models: [tinyBert],
    poolers: [{ layer: "each", token: "mean" }],
    classifiers: ["lda"],
    folds: { kind: "stratified", k: 3, seed: 1 },
    ...change,
  };
}
