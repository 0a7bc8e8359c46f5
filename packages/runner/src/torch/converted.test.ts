/** @file Checkpoints with PyTorch weights only: converted once, then opened like any other. */

import { copyFileSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, it } from "vitest";
import { openCheckpoint } from "../checkpoint.ts";

const fixtures = fileURLToPath(new URL("../../../../test/fixtures/torch/", import.meta.url));
let folder = "";
let memory = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "probegrid-bin-"));
  memory = join(folder, "cache");
  writeFileSync(join(folder, "config.json"), "{}");
});
afterEach(() => rmSync(folder, { recursive: true }));

const convertedFiles = (): readonly string[] => readdirSync(join(memory, "converted"));

it("converts pytorch_model.bin once and uses the conversion from then on", async () => {
  copyFileSync(join(fixtures, "zip.bin"), join(folder, "pytorch_model.bin"));
  const first = await openCheckpoint(folder, { memory });
  const [file] = convertedFiles();
  const { ino } = statSync(join(memory, "converted", file!));
  const second = await openCheckpoint(folder, { memory });
  expect(second.id).toBe(first.id);
  expect([...second.tensors.keys()]).toEqual([...first.tensors.keys()]);
  expect(convertedFiles()).toEqual([file]);
  expect(statSync(join(memory, "converted", file!)).ino).toBe(ino);
});

it("gives both stream formats of the same weights the same id", async () => {
  copyFileSync(join(fixtures, "zip.bin"), join(folder, "pytorch_model.bin"));
  const zip = await openCheckpoint(folder, { memory });
  copyFileSync(join(fixtures, "legacy.bin"), join(folder, "pytorch_model.bin"));
  const legacy = await openCheckpoint(folder, { memory });
  expect(legacy.id).toBe(zip.id);
});

it("opens shards by their index and names one that is missing", async () => {
  copyFileSync(join(fixtures, "zip.bin"), join(folder, "pytorch_model-00001-of-00002.bin"));
  copyFileSync(join(fixtures, "legacy.bin"), join(folder, "pytorch_model-00002-of-00002.bin"));
  const single = mkdtempSync(join(tmpdir(), "probegrid-bin-"));
  writeFileSync(join(single, "config.json"), "{}");
  copyFileSync(join(fixtures, "zip.bin"), join(single, "pytorch_model.bin"));
  const names = [...(await openCheckpoint(single, { memory })).tensors.keys()];
  rmSync(single, { recursive: true });
  const weight_map = Object.fromEntries(
    names.map((name, i) => [name, `pytorch_model-0000${1 + (i % 2)}-of-00002.bin`]),
  );
  const index = join(folder, "pytorch_model.bin.index.json");
  writeFileSync(index, JSON.stringify({ weight_map }));
  const { tensors } = await openCheckpoint(folder, { memory });
  expect([...tensors.keys()].sort()).toEqual([...names].sort());
  expect(new Set([...tensors.values()].map(({ file }) => file)).size).toBe(2);
  writeFileSync(index, JSON.stringify({ weight_map: { ...weight_map, extra: "other.bin" } }));
  await expect(openCheckpoint(folder, { memory })).rejects.toThrow("shard other.bin is missing");
  writeFileSync(index, JSON.stringify({ weight_map: { extra: "../x.bin" } }));
  await expect(openCheckpoint(folder, { memory })).rejects.toThrow("is not a plain file name");
});

it("refuses a stream that wants code, by its name, and leaves no file", async () => {
  copyFileSync(join(fixtures, "hostile-zip.bin"), join(folder, "pytorch_model.bin"));
  await expect(openCheckpoint(folder, { memory })).rejects.toThrow(/pytorch_model\.bin: .*system/);
  expect(convertedFiles()).toEqual([]);
});
