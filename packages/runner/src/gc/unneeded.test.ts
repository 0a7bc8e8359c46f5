import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { expect, test } from "vitest";
import { type EncodingKey, encodingId } from "../cache.ts";
import { openStore } from "../store/index.ts";
import { makeExample } from "../store/make-example.ts";
import { unneededFiles } from "./unneeded.ts";

const key: EncodingKey = {
  dataset: "dataset-1",
  model: "model-1",
  truncation: "end",
  maxTokens: null,
  precision: "float32",
};
const needed = encodingId(key);
const other = encodingId({ ...key, maxTokens: 16 });
const dead = 2 ** 22 + 1; // above the largest process id of Linux

function cacheWith(names: readonly string[]): string {
  const cache = mkdtempSync(join(tmpdir(), "probegrid-gc-"));
  for (const name of names) writeFileSync(join(cache, name), "x");
  return cache;
}

test("spares what an experiment reads, what is being written, and what it does not know", () => {
  const cache = cacheWith([
    ...[`${needed}.safetensors`, `${needed}.1.safetensors`, `${needed}.safetensors.sha256`],
    ...[`${needed}.2.safetensors.partial`, `${needed}.2.safetensors.journal`],
    ...["weight-hashes.json", "encodings.lock", "notes.txt"],
    `.weight-hashes.json.${process.pid}-0.partial`,
  ]);
  expect(unneededFiles(cache, [makeExample().store])).toEqual([]);
});

test("lists encodings of no experiment with their parts, and files of dead processes", () => {
  const stray = `.weight-hashes.json.${dead}-0.partial`;
  const names = [`${other}.safetensors`, `${other}.1.safetensors.partial`, stray];
  const cache = cacheWith([...names, `${needed}.safetensors`]);
  const found = unneededFiles(cache, [makeExample().store]);
  expect(found.map(({ path }) => basename(path)).sort()).toEqual([...names].sort());
});

test("spares what any of several stores needs, and gives up all when none needs it", () => {
  const cache = cacheWith([`${needed}.safetensors`]);
  const empty = openStore(":memory:");
  expect(unneededFiles(cache, [empty, makeExample().store])).toEqual([]);
  expect(unneededFiles(cache, [empty])).toHaveLength(1);
  expect(unneededFiles(join(cache, "missing"), [empty])).toEqual([]);
});
