import { mkdtempSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { batchSizesFor } from "./known-batch-sizes.ts";

const folder = (): string => mkdtempSync(join(tmpdir(), "probegrid-sizes-"));

test("remembers what fitted into a GPU from one run to the next, by kind of device and model", () => {
  const cache = folder();
  const first = batchSizesFor("webgpu", cache);
  expect(first.of("a")).toBe(16_384);
  first.halve("a");
  first.halve("a");
  const next = batchSizesFor("webgpu", cache);
  expect([next.of("a"), next.of("b")]).toEqual([4096, 16_384]);
  expect(batchSizesFor("cuda", cache).of("a")).toBe(16_384);
});

test("keeps nothing of the CPU, and begins anew where the file is damaged", () => {
  const cache = folder();
  batchSizesFor("cpu", cache).halve("a");
  expect(readdirSync(cache)).toEqual([]);
  writeFileSync(join(cache, "batch-sizes.json"), '{"cuda": {"a": "many"}}');
  expect(batchSizesFor("cuda", cache).of("a")).toBe(16_384);
});
