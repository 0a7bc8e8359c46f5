import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { openCheckpoint } from "./checkpoint.ts";
import { makeRandomCheckpoint, randomModel } from "./random-checkpoint.ts";
import { readRows } from "./safetensors.ts";

const demo = fileURLToPath(new URL("../../../models/demo-bert", import.meta.url));

test("reads the model and the seed from a name", () => {
  expect(randomModel("models/demo-bert")).toBeUndefined();
  expect(randomModel("random:models/demo-bert")).toEqual({ model: "models/demo-bert", seed: 0 });
  expect(randomModel("random:7:a:b")).toEqual({ model: "a:b", seed: 7 });
});

test("keeps names, shapes and tokenizer, and draws the weights anew", async () => {
  const cache = mkdtempSync(join(tmpdir(), "random-"));
  const trained = await openCheckpoint(demo, { memory: cache });
  const folder = makeRandomCheckpoint(trained, { cache, seed: 0 });
  const random = await openCheckpoint(folder, { memory: cache });
  expect(random.tokenizerFiles).toEqual(trained.tokenizerFiles);
  expect(random.config).toEqual(trained.config);
  for (const [name, { shape }] of random.tensors) {
    expect(trained.tensors.get(name)?.shape).toEqual(shape);
    const values = readRows(random.tensors.get(name) ?? expect.fail(name));
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const spread = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    if (shape.length < 2) {
      expect(spread).toBe(0);
      expect(mean).toBe(name.endsWith("bias") ? 0 : 1);
      continue;
    }
    // Standard deviation 0.02: its relative error is 1 / sqrt(2 n).
    expect(Math.sqrt(spread) / 0.02 - 1).toBeLessThan(5 / Math.sqrt(2 * values.length));
    expect(1 - Math.sqrt(spread) / 0.02).toBeLessThan(5 / Math.sqrt(2 * values.length));
  }
  expect(random.id).not.toBe(trained.id);
  const again = makeRandomCheckpoint(trained, {
    cache: mkdtempSync(join(tmpdir(), "random-")),
    seed: 0,
  });
  const weights = (path: string) => readFileSync(join(path, "model.safetensors"));
  expect(weights(again).equals(weights(folder))).toBe(true);
});
