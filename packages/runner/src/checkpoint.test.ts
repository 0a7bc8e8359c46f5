/** @file Opening checkpoint folders: whole, sharded, linked, and every way in which they can be broken. */

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { openCheckpoint } from "./checkpoint.ts";
import { readRows } from "./safetensors.ts";
import { type TensorData, writeSafetensors } from "./safetensors-writer.ts";

const root = mkdtempSync(join(tmpdir(), "checkpoint-"));
afterAll(() => rmSync(root, { recursive: true }));

const embedding: TensorData = { dtype: "F32", shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) };
const bias: TensorData = { dtype: "F16", shape: [2], data: Uint16Array.of(0x3c00, 0xc000) };
const positions: TensorData = { dtype: "I64", shape: [2], data: BigInt64Array.of(0n, 1n) };
const config = JSON.stringify({ model_type: "bert", hidden_size: 2 });

let count = 0;
/** A new folder with these files. */
function folderOf(files: Readonly<Record<string, string>>): string {
  const folder = join(root, `model-${count++}`);
  mkdirSync(folder);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

function small(extra: Readonly<Record<string, string>> = {}): string {
  const folder = folderOf({ "config.json": config, "vocab.txt": "[PAD]\na\n", ...extra });
  writeSafetensors(join(folder, "model.safetensors"), { embedding, bias, positions });
  return folder;
}

test("says what is in a folder", async () => {
  const checkpoint = await openCheckpoint(small());
  expect(checkpoint).toMatchObject({
    name: expect.stringMatching(/^model-\d+$/),
    revision: null,
    config: { model_type: "bert", hidden_size: 2 },
    tokenizerFiles: { "vocab.txt": "[PAD]\na\n" },
    parameters: 4 + 2, // the two position numbers are not parameters
    bytes: 16 + 4 + 16,
    dtype: "F32",
  });
  expect([...readRows(checkpoint.tensors.get("bias")!)]).toEqual([1, -2]);
});

test("has an id made of contents, not of place, and changed by each kind of file", async () => {
  const { id } = await openCheckpoint(small());
  expect((await openCheckpoint(small())).id).toBe(id);
  const otherVocabulary = small({ "vocab.txt": "[PAD]\nb\n" });
  const otherConfig = small({ "config.json": `${config} ` });
  const otherWeights = small();
  writeSafetensors(join(otherWeights, "model.safetensors"), { embedding, positions });
  for (const folder of [otherVocabulary, otherConfig, otherWeights]) {
    expect((await openCheckpoint(folder)).id).not.toBe(id);
  }
});

test("looks beside the experiment file, and names both places when there is nothing", async () => {
  const folder = small();
  const name = folder.slice(root.length + 1);
  expect((await openCheckpoint(name, { from: root })).path).toBe(folder);
  await expect(openCheckpoint("nowhere", { from: root })).rejects.toThrow(
    `model "nowhere": not found, looked for ${join(root, "nowhere")} and ${join(process.cwd(), "nowhere")}`,
  );
});

test("reads shards through their index", async () => {
  const folder = folderOf({
    "config.json": config,
    "model.safetensors.index.json": JSON.stringify({
      metadata: { total_size: 36 },
      weight_map: { embedding: "a.safetensors", bias: "b.safetensors" },
    }),
  });
  writeSafetensors(join(folder, "a.safetensors"), { embedding });
  await expect(openCheckpoint(folder)).rejects.toThrow("shard b.safetensors is missing");
  writeSafetensors(join(folder, "b.safetensors"), { positions });
  await expect(openCheckpoint(folder)).rejects.toThrow(
    'b.safetensors: tensor "bias" is missing from this shard',
  );
  writeSafetensors(join(folder, "b.safetensors"), { bias });
  const { tensors } = await openCheckpoint(folder);
  expect([...readRows(tensors.get("embedding")!, 1, 2)]).toEqual([3, 4]);
  expect([...readRows(tensors.get("bias")!)]).toEqual([1, -2]);
});

test("refuses a shard outside the folder", async () => {
  const folder = folderOf({
    "config.json": config,
    "model.safetensors.index.json": JSON.stringify({ weight_map: { w: "../x.safetensors" } }),
  });
  await expect(openCheckpoint(folder)).rejects.toThrow(
    'shard "../x.safetensors" is not a plain file name',
  );
});

test("resolves the links of a hub snapshot and knows its name and commit", async () => {
  const repository = join(root, "models--owner--tiny");
  const snapshot = join(repository, "snapshots", "abc123");
  mkdirSync(snapshot, { recursive: true });
  const blob = join(repository, "blobs", "1234");
  writeSafetensors(blob, { embedding });
  symlinkSync("../../blobs/1234", join(snapshot, "model.safetensors"));
  writeFileSync(join(snapshot, "config.json"), config);
  mkdirSync(join(repository, "refs"));
  writeFileSync(join(repository, "refs", "main"), "abc123");
  const checkpoint = await openCheckpoint(snapshot);
  expect(checkpoint).toMatchObject({ name: "owner/tiny", revision: "abc123" });
  expect(checkpoint.tensors.get("embedding")!.file).toBe(blob);
  expect((await openCheckpoint(repository)).id).toBe(checkpoint.id);
});

test("names a checkpoint in a folder of a common name by its parent too", async () => {
  const names = ["tiny-bert", "checkpoint-500", "best"].map((name) => join(root, "trec", name));
  for (const folder of names) {
    mkdirSync(folder, { recursive: true });
    writeSafetensors(join(folder, "model.safetensors"), { embedding });
    writeFileSync(join(folder, "config.json"), config);
  }
  const opened = await Promise.all(names.map((folder) => openCheckpoint(folder)));
  expect(opened.map(({ name }) => name)).toEqual(["tiny-bert", "trec/checkpoint-500", "trec/best"]);
});

test("names the first tensor with a NaN or an infinity, in every float type", async () => {
  const types: readonly [string, TensorData][] = [
    ["F32", { dtype: "F32", shape: [3], data: Float32Array.of(1, Number.NaN, 2) }],
    ["F64", { dtype: "F64", shape: [1], data: Float64Array.of(-Infinity) }],
    ["F16", { dtype: "F16", shape: [2], data: Uint16Array.of(0, 0x7c00) }],
    ["BF16", { dtype: "BF16", shape: [2], data: Uint16Array.of(0xff81, 0) }],
  ];
  for (const [name, bad] of types) {
    const folder = folderOf({ "config.json": config });
    writeSafetensors(join(folder, "model.safetensors"), { embedding, [`bad.${name}`]: bad });
    await expect(openCheckpoint(folder)).rejects.toThrow(
      `tensor "bad.${name}" holds NaN or infinite values`,
    );
  }
});

test("finds a bad value beyond the first block read", async () => {
  const data = new Float32Array(3 << 20); // 12 MB, blocks are 4 MB
  data[data.length - 1] = Infinity;
  const folder = folderOf({ "config.json": config });
  const big: TensorData = { dtype: "F32", shape: [3, 1 << 20], data };
  writeSafetensors(join(folder, "model.safetensors"), { big });
  await expect(openCheckpoint(folder)).rejects.toThrow('tensor "big" holds NaN');
});

test("names a bad value among small tensors that lie on odd bytes", async () => {
  const good = { byte: [1], F32: [0, 0, 0, 0], F64: [0, 0, 0, 0, 0, 0, 0, 0], F16: [0, 0] };
  const bad = { F32: [0, 0, 0xc0, 0x7f], F64: [0, 0, 0, 0, 0, 0, 0xf8, 0x7f], F16: [0, 0x7c] };
  for (const [name, bytes] of Object.entries(bad)) {
    const header: Record<string, unknown> = {};
    const data: number[] = [];
    for (const [type, values] of Object.entries({ ...good, [name]: bytes })) {
      const data_offsets = [data.length, data.push(...values)];
      header[type] = { dtype: type === "byte" ? "U8" : type, shape: [1], data_offsets };
    }
    const text = Buffer.from(JSON.stringify(header));
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(text.length));
    const folder = folderOf({ "config.json": config });
    const file = join(folder, "model.safetensors");
    writeFileSync(file, Buffer.concat([length, text, Buffer.from(data)]));
    await expect(openCheckpoint(folder)).rejects.toThrow(`tensor "${name}" holds NaN`);
  }
});

test("remembers hashes of unchanged weight files, and only of those", async () => {
  const memory = join(root, "cache");
  const folder = small();
  const file = join(folder, "model.safetensors");
  const first = await openCheckpoint(folder, { memory });
  const kept = JSON.parse(readFileSync(join(memory, "weight-hashes.json"), "utf8"));
  const sha256 = createHash("sha256").update(readFileSync(file)).digest("hex");
  expect(kept[file].sha256).toBe(sha256);
  expect((await openCheckpoint(folder, { memory })).id).toBe(first.id);
  writeSafetensors(file, { embedding, bias });
  expect((await openCheckpoint(folder, { memory })).id).not.toBe(first.id);
});

test.each<[string, () => string, string | RegExp]>([
  [
    "a missing config.json",
    () => folderOf({ "vocab.txt": "" }),
    /config\.json is missing, found vocab\.txt/,
  ],
  ["broken JSON", () => folderOf({ "config.json": "{" }), /config\.json: expected JSON, got/],
  ["a list as config.json", () => folderOf({ "config.json": "[]" }), /expected a JSON object/],
  [
    "no weights",
    () => folderOf({ "config.json": "{}" }),
    /model\.safetensors is missing, found config\.json/,
  ],
  [
    "weights of another library only",
    () => folderOf({ "config.json": "{}", "tf_model.h5": "" }),
    /only tf_model\.h5 found, expected model\.safetensors/,
  ],
  [
    "a broken index",
    () => folderOf({ "config.json": "{}", "model.safetensors.index.json": '{"weight_map": 3}' }),
    /expected weight_map to map tensors to file names/,
  ],
  [
    "truncated weights",
    () => {
      const folder = small();
      const file = join(folder, "model.safetensors");
      truncateSync(file, readFileSync(file).length - 1);
      return folder;
    },
    /tensor "bias": data end at byte \d+, the file has \d+ \(truncated download/,
  ],
  [
    "a file in place of a folder",
    () => join(folderOf({ "config.json": "{}" }), "config.json"),
    /expected a folder, got a file/,
  ],
  ["a path with a NUL byte", () => "a\0b", /can not contain a NUL byte/],
])("refuses %s as bad input", async (_, make, message) => {
  const opened = openCheckpoint(make());
  await expect(opened).rejects.toThrow(message);
  await expect(opened).rejects.toMatchObject({ name: "ExperimentError" });
});

test("refuses pipes, devices and folders in place of files, and tokenizers that nest without end", async () => {
  for (const name of ["config.json", "vocab.txt", "model.safetensors"]) {
    const folder = small();
    rmSync(join(folder, name));
    execFileSync("mkfifo", [join(folder, name)]);
    await expect(openCheckpoint(folder)).rejects.toThrow(`${name}: expected a plain file`);
    rmSync(join(folder, name));
    symlinkSync("/dev/zero", join(folder, name));
    await expect(openCheckpoint(folder)).rejects.toThrow(/expected a plain file|outside/);
    rmSync(join(folder, name));
    mkdirSync(join(folder, name));
    await expect(openCheckpoint(folder)).rejects.toThrow(`${name}: expected a plain file`);
  }
  const deep = `${"[".repeat(1e5)}${"]".repeat(1e5)}`;
  for (const name of ["tokenizer.json", "tokenizer_config.json", "config.json"]) {
    await expect(openCheckpoint(small({ [name]: deep }))).rejects.toThrow(
      /json.*at most 100 levels/,
    );
  }
  expect((await openCheckpoint(small({ "config.json": `\ufeff${config}` }))).config).toEqual(
    JSON.parse(config),
  );
});
