/** @file Old checkpoints: zip and legacy streams read right, hostile ones refused by name, none executed. */

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { readHeader, readRows } from "../safetensors.ts";
import { convertStateDict } from "./convert.ts";
import { readStateDict } from "./state-dict.ts";

const fixtures = new URL("../../../../test/fixtures/torch/", import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), "probegrid-torch-"));
afterAll(() => rmSync(folder, { recursive: true }));

describe.each(["zip.bin", "legacy.bin"])("%s", (name) => {
  it("becomes a safetensors file with the same values", () => {
    const target = join(folder, `${name}.safetensors`);
    convertStateDict(join(fixtures, name), target);
    const { tensors } = readHeader(target);
    const values = (tensor: string) => [...readRows(tensors.get(tensor)!)];
    expect(values("plain")).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    expect(tensors.get("transposed")!.shape).toEqual([4, 3]);
    expect(values("transposed")).toEqual([0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11]);
    expect(values("sliced")).toEqual([5, 6, 9, 10]);
    expect(values("half")).toEqual([1, -2]);
    expect(values("brain")).toEqual([1.5, 3]);
    expect(values("scalar")).toEqual([7]);
    expect(values("parameter")).toEqual([0.5]);
    expect(tensors.get("integers")!.dtype).toBe("I64");
  });

  it("cut short at any point gives a clear error", () => {
    const whole = readFileSync(join(fixtures, name));
    const cut = join(folder, "cut.bin");
    for (let length = 0; length < whole.length; length += 37) {
      writeFileSync(cut, whole.subarray(0, length));
      expect(() => readStateDict(cut), `cut at ${length}`).toThrow(/cut\.bin: /);
    }
  });

  it("with bytes flipped never does more than throw", () => {
    const whole = readFileSync(join(fixtures, name));
    const broken = join(folder, "broken.bin");
    for (let i = 0; i < 400; i++) {
      const bytes = Buffer.from(whole);
      const at = (i * 7919) % bytes.length;
      bytes[at] = (bytes[at]! + 1 + (i % 200)) & 0xff;
      writeFileSync(broken, bytes);
      try {
        const tensors = readStateDict(broken);
        for (const tensor of tensors.values()) {
          expect(tensor.offset + tensor.bytes).toBeLessThanOrEqual(bytes.length);
        }
      } catch (error) {
        expect((error as Error).message).toContain("broken.bin");
      }
    }
  });
});

it.each(["hostile-zip.bin", "hostile-legacy.bin", "hostile-plain.bin"])("refuses %s", (name) => {
  const refuse = () => readStateDict(join(fixtures, name));
  const deepest = (error: Error): string =>
    error.cause instanceof Error ? deepest(error.cause) : error.message;
  let message = "";
  try {
    refuse();
  } catch (error) {
    message = deepest(error as Error);
  }
  expect(message).toMatch(/refused: the file asks for "(posix|os) system"/);
  expect(existsSync("probegrid-was-here")).toBe(false);
});
