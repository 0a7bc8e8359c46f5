import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Matrix, RowSource } from "@probegrid/probes";
import { expect, onTestFinished, test } from "vitest";
import { readHeader } from "../safetensors.ts";
import { writeSafetensors } from "../safetensors-writer.ts";
import { createFeatures } from "./features.ts";

/** Two layers of 4 texts, width 2: 0, 1, ... 7 and 10, 11, ... 17. */
function storedLayers() {
  const folder = mkdtempSync(join(tmpdir(), "probegrid-features-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "features.safetensors");
  const numbers = (from: number) => Float32Array.from({ length: 8 }, (_, i) => from + i);
  writeSafetensors(file, {
    a: { dtype: "F32", shape: [4, 2], data: numbers(0) },
    b: { dtype: "F32", shape: [4, 2], data: numbers(10) },
  });
  const { tensors } = readHeader(file);
  return [tensors.get("a")!, tensors.get("b")!];
}

const able = { blocks: true };

test("keeps small features in memory, once for all classifiers", () => {
  const features = createFeatures({ features: storedLayers(), layerMethod: "mean" });
  const whole = features.of(able) as Matrix;
  expect([...whole.data]).toEqual([5, 6, 7, 8, 9, 10, 11, 12]);
  expect(features.of({})).toBe(whole);
});

test("reads large ones in blocks for classifiers that can, and whole for the others", () => {
  const stored = { features: storedLayers(), layerMethod: "concat" } as const;
  const features = createFeatures(stored, { inMemory: 63 });
  const source = features.of(able) as RowSource;
  expect([source.rows, source.columns]).toEqual([4, 4]);
  expect([...source.read(1, 3)]).toEqual([2, 3, 12, 13, 4, 5, 14, 15]);
  expect((features.of({}) as Matrix).rows).toBe(4);
  expect("data" in createFeatures(stored, { inMemory: 64 }).of(able)).toBe(true);
});

test("puts layers as rows below one another, in memory", () => {
  const stored = { features: storedLayers(), layerMethod: "rows" } as const;
  const found = createFeatures(stored, { inMemory: 0 }).of(able) as Matrix;
  expect([found.rows, found.columns]).toEqual([8, 2]);
  expect([...found.data.subarray(8, 10)]).toEqual([10, 11]);
});
