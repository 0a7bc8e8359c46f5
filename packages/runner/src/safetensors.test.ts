/** @file The reader against a file of the Python library, refusals of broken headers, and the writer. */

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { damage } from "./damage.ts";
import { readHeader, readRowBytes, readRows } from "./safetensors.ts";
import { createSafetensors, writeSafetensors } from "./safetensors-writer.ts";

const fixture = new URL("../../../test/fixtures/safetensors/types.safetensors", import.meta.url)
  .pathname;
const folder = mkdtempSync(join(tmpdir(), "safetensors-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** A file with this header text and this many zero bytes of data. */
function broken(header: string, dataBytes: number, declared = Buffer.byteLength(header)): string {
  const file = join(folder, "broken.safetensors");
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(declared));
  writeFileSync(file, Buffer.concat([length, Buffer.from(header), Buffer.alloc(dataBytes)]));
  return file;
}

const entry = (start: number, end: number, changed: object = {}) => ({
  dtype: "F32",
  shape: [2],
  data_offsets: [start, end],
  ...changed,
});

test("reads types, shapes and metadata written by Python", () => {
  const { tensors, metadata } = readHeader(fixture);
  expect(metadata).toEqual({ format: "pt" });
  expect(tensors.get("integers")).toMatchObject({ dtype: "I64", shape: [3, 4], bytes: 96 });
  expect([...readRows(tensors.get("scalar")!)]).toEqual([7.5]);
  expect(readRows(tensors.get("nothing")!).length).toBe(0);
  expect(readRows(tensors.get("float64")!)).toEqual(readRows(tensors.get("float32")!));
});

test("reads a block of rows without the others", () => {
  const integers = readHeader(fixture).tensors.get("integers")!;
  const block = readRowBytes(integers, 1, 3); // rows 1 and 2 of 0..11 in rows of four
  expect([...new BigInt64Array(block.buffer)]).toEqual([4n, 5n, 6n, 7n, 8n, 9n, 10n, 11n]);
  expect(() => readRowBytes(integers, 2, 4)).toThrow("expected rows within 0 to 3, got 2 to 4");
});

test.each([
  ["a header longer than the file", () => broken("{}", 0, 50), /header of 50 bytes is longer/],
  ["a header beyond the cap", () => broken("{}", 0, 2 ** 40), /at most 100000000 bytes/],
  ["text that is not JSON", () => broken("{nope", 0), /expected a header in JSON/],
  ["a list as header", () => broken("[]", 0), /expected a JSON object/],
  [
    "an unknown dtype",
    () => broken(JSON.stringify({ w: entry(0, 8, { dtype: "F33" }) }), 8),
    /tensor "w": unknown dtype "F33", expected one of F64, F32/,
  ],
  [
    "a dtype named like a method",
    () => broken(JSON.stringify({ w: entry(0, 8, { dtype: "toString" }) }), 8),
    /unknown dtype "toString"/,
  ],
  [
    "a shape that does not fill its bytes",
    () => broken(JSON.stringify({ w: entry(0, 8, { shape: [3] }) }), 8),
    /tensor "w": shape \[3\] of F32 needs 12 bytes, data_offsets hold 8/,
  ],
  [
    "a negative shape",
    () => broken(JSON.stringify({ w: entry(0, 8, { shape: [-2] }) }), 8),
    /expected a shape of whole numbers, got \[-2\]/,
  ],
  [
    "offsets in the wrong order",
    () => broken(JSON.stringify({ w: entry(8, 0) }), 8),
    /expected data_offsets \[start, end\], got \[8,0\]/,
  ],
  [
    "overlapping tensors",
    () => broken(JSON.stringify({ a: entry(0, 8), b: entry(4, 12) }), 12),
    /tensor "b" overlaps tensor "a" by 4 bytes/,
  ],
  [
    "a gap",
    () => broken(JSON.stringify({ a: entry(0, 8), b: entry(12, 20) }), 20),
    /tensor "b" leaves a gap of 4 bytes after tensor "a"/,
  ],
  [
    "data cut short",
    () => broken(JSON.stringify({ a: entry(0, 8), b: entry(8, 16) }), 15),
    /tensor "b": data end at byte \d+, the file has \d+ \(truncated download\?\)/,
  ],
  [
    "bytes after the last tensor",
    () => broken(JSON.stringify({ a: entry(0, 8) }), 9),
    /1 bytes after tensor "a" belong to no tensor/,
  ],
  [
    "metadata that are not strings",
    () => broken(JSON.stringify({ __metadata__: { a: 1 } }), 0),
    /expected __metadata__ to map names to strings/,
  ],
])("refuses %s", (_, write, message) => {
  expect(() => readHeader(write())).toThrow(message);
});

test("accepts tensors named like properties of every object", () => {
  const file = broken(`{"__proto__":${JSON.stringify(entry(0, 8))}}`, 8);
  expect(readHeader(file).tensors.get("__proto__")?.shape).toEqual([2]);
});

test("writes what it reads, wide types first and aligned", () => {
  const file = join(folder, "written.safetensors");
  writeSafetensors(
    file,
    {
      mask: { dtype: "U8", shape: [3], data: Uint8Array.of(1, 0, 1) },
      w: { dtype: "F32", shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) },
    },
    { made: "here" },
  );
  const { tensors, metadata } = readHeader(file);
  expect(metadata).toEqual({ made: "here" });
  expect([...readRows(tensors.get("w")!)]).toEqual([1, 2, 3, 4]);
  expect([...readRowBytes(tensors.get("mask")!)]).toEqual([1, 0, 1]);
  expect(tensors.get("w")!.offset % 8).toBe(0);
});

test("takes rows in any order and shows the file only when all are there", () => {
  const file = join(folder, "streamed.safetensors");
  const header = { tensors: { x: { dtype: "F32", shape: [3, 2] } } } as const;
  const unfinished = createSafetensors(file, header);
  unfinished.write("x", Float32Array.of(1, 2), 0);
  expect(() => unfinished.close()).toThrow('tensor "x" is 16 bytes short of its shape');
  expect(existsSync(file)).toBe(false);

  const writer = createSafetensors(file, header);
  writer.write("x", Float32Array.of(5, 6), 2);
  writer.write("x", Float32Array.of(1, 2, 3, 4), 0);
  expect(() => writer.write("x", Float32Array.of(7, 8), 3)).toThrow(/do not fit tensor "x"/);
  writer.close();
  expect([...readRows(readHeader(file).tensors.get("x")!)]).toEqual([1, 2, 3, 4, 5, 6]);
  expect(readdirSync(folder).filter((name) => name.endsWith(".partial"))).toEqual([]);
});

test("answers any damaged file with an error that names it", () => {
  const file = join(folder, "damaged.safetensors");
  let refused = 0;
  for (const bytes of damage(readFileSync(fixture), { rounds: 400, seed: 1, within: 700 })) {
    writeFileSync(file, bytes);
    try {
      for (const tensor of readHeader(file).tensors.values()) readRowBytes(tensor);
    } catch (error) {
      refused += 1;
      expect((error as Error).message.startsWith(file)).toBe(true);
    }
  }
  expect(refused).toBeGreaterThan(300);
});
