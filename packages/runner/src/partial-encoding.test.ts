import { appendFileSync, existsSync, mkdtempSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openPartialEncoding, writeRows } from "./partial-encoding.ts";
import { readHeader, readRows } from "./safetensors.ts";

const layout = {
  features: { "layer.0.token.mean": { dtype: "F32", shape: [4, 2] } },
  metadata: { encoding: "e" },
  chunks: 2,
  chunking: "c",
} as const;
const counts = { texts: 2, tokens: 9, truncated: 1, seconds: 0.25 };
const feature = "layer.0.token.mean";

function begin() {
  const file = join(mkdtempSync(join(tmpdir(), "probegrid-")), "e.safetensors");
  return {
    file,
    open: (change: object = {}) => openPartialEncoding(file, { ...layout, ...change }),
  };
}

test("goes on with the chunks that an earlier run did not finish", () => {
  const { file, open } = begin();
  const before = open();
  writeRows(before.tensors.get(feature)!, [0, 3], new Float32Array([1, 2, 7, 8]));
  before.finishChunk(0, counts);

  const after = open(); // as after a kill: nothing was closed
  expect([...after.finished]).toEqual([[0, counts]]);
  writeRows(after.tensors.get(feature)!, [1, 2], new Float32Array([3, 4, 5, 6]));
  after.finishChunk(1, counts);
  expect(after.commit()).toEqual({ texts: 4, tokens: 18, truncated: 2, seconds: 0.5 });

  const { tensors, metadata } = readHeader(file);
  expect([...readRows(tensors.get(feature)!)]).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  expect(Number(metadata.tokens)).toBe(18);
  expect(readdirSync(join(file, ".."))).toEqual(["e.safetensors"]);
});

test("forgets a journal line that was cut off", () => {
  const { file, open } = begin();
  open().finishChunk(0, counts);
  appendFileSync(`${file}.journal`, '{"chunk":1,"texts":2');
  const after = open();
  expect([...after.finished.keys()]).toEqual([0]);
  after.finishChunk(1, counts); // on a line of its own, not on what is left of the cut one
  expect([...open().finished.keys()]).toEqual([0, 1]);
});

test("begins anew when the journal is damaged", () => {
  const { file, open } = begin();
  open().finishChunk(0, counts);
  appendFileSync(`${file}.journal`, "{]\n");
  expect(open().finished.size).toBe(0);
});

test.each([
  ["other features", { features: { "layer.1.token.mean": { dtype: "F32", shape: [4, 2] } } }],
  ["another division into chunks", { chunking: "d" }],
])("begins anew with %s", (_, change) => {
  const { open } = begin();
  open().finishChunk(0, counts);
  expect(open(change).finished.size).toBe(0);
});

test("gives no name to a file that lacks a chunk", () => {
  const { file, open } = begin();
  const partial = open();
  partial.finishChunk(0, counts);
  expect(() => partial.commit()).toThrow("internal:");
  expect(existsSync(file)).toBe(false);
});

test("stores half precision where asked", () => {
  const { open } = begin();
  const partial = open({ features: { [feature]: { dtype: "F16", shape: [4, 2] } } });
  const tensor = partial.tensors.get(feature)!;
  writeRows(tensor, [2], new Float32Array([0.5, -1024]));
  expect([...readRows(tensor, 2, 3)]).toEqual([0.5, -1024]);
});
