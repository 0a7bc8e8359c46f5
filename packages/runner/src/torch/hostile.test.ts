/** @file Checkpoints made to hurt: each is refused in a moment with a sentence, and nothing is run, written or filled. */

import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { convertStateDict } from "./convert.ts";

const folder = mkdtempSync(join(tmpdir(), "probegrid-hostile-"));
afterAll(() => rmSync(folder, { recursive: true }));

const bytes = (...parts: readonly (string | Buffer | readonly number[])[]): Buffer =>
  Buffer.concat(
    parts.map((part) =>
      typeof part === "string" ? Buffer.from(part, "latin1") : Buffer.from(part),
    ),
  );
const u16 = (value: number) => [value & 255, (value >> 8) & 255];
const u32 = (value: number) => [...u16(value & 65_535), ...u16(Math.floor(value / 65_536))];
const f64 = (value: number): Buffer => {
  const buffer = Buffer.alloc(8);
  buffer.writeDoubleBE(value);
  return buffer;
};

// Pickles by hand, in protocol 2.
const text = (value: string) => bytes("X", u32(Buffer.byteLength(value)), value);
const whole = (value: number) =>
  value < 2 ** 31 ? bytes("J", u32(value)) : bytes("G", f64(value));
const tuple = (...items: readonly Buffer[]) => bytes("(", ...items, "t");
const global = (name: string) => bytes("c", name.replace(" ", "\n"), "\n");
const call = (name: string, ...args: readonly Buffer[]) => bytes(global(name), tuple(...args), "R");
const storage = (count: number, key = "0") =>
  bytes(
    tuple(text("storage"), global("torch FloatStorage"), text(key), text("cpu"), whole(count)),
    "Q",
  );
type Layout = {
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  readonly count?: number;
};
const tensor = ({ shape, strides, count = 1 }: Layout, key = "0") =>
  call(
    "torch._utils _rebuild_tensor_v2",
    ...[storage(count, key), whole(0), tuple(...shape.map(whole)), tuple(...strides.map(whole))],
    ...[bytes([0x89]), call("collections OrderedDict")],
  );
const dict = (...items: readonly (readonly [Buffer, Buffer])[]) =>
  bytes("}(", ...items.flat(), "u");
const pickle = (...parts: readonly Buffer[]) => bytes([0x80, 2], ...parts, ".");

type Member = {
  readonly name: string;
  readonly data: Buffer;
  readonly method?: number;
  /** What the directory says of its size. */
  readonly says?: number;
};

/** A zip archive whose directory may lie. */
function zip(members: readonly Member[], entries = members.length): Buffer {
  const bodies: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const { name, data, method = 0, says = data.length } of members) {
    const local = bytes(
      "PK\x03\x04",
      [20, 0, 0, 0],
      u16(method),
      new Array(16).fill(0),
      u16(name.length),
      [0, 0],
      name,
      data,
    );
    const sizes = [...u32(data.length), ...u32(says)];
    directory.push(
      bytes(
        "PK\x01\x02",
        [20, 0, 20, 0, 0, 0],
        u16(method),
        [0, 0, 0, 0, 0, 0, 0, 0],
        sizes,
        u16(name.length),
      ),
      bytes(new Array(12).fill(0), u32(at), name),
    );
    bodies.push(local);
    at += local.length;
  }
  const list = Buffer.concat(directory);
  const end = bytes(
    "PK\x05\x06",
    [0, 0, 0, 0],
    u16(entries),
    u16(entries),
    u32(list.length),
    u32(at),
    [0, 0],
  );
  return Buffer.concat([...bodies, list, end]);
}

const archive = (data: Buffer, stored = Buffer.alloc(4), prefix = "archive"): Buffer =>
  zip([
    { name: `${prefix}/data.pkl`, data },
    { name: `${prefix}/data/0`, data: stored },
  ]);
const one = (layout: Layout) => pickle(dict([text("w"), tensor(layout)]));
const nested = (depth: number): Buffer => {
  const open = Buffer.concat(
    new Array(depth).fill(bytes(global("torch._utils _rebuild_parameter"), "(")),
  );
  return bytes(open, "N", Buffer.concat(new Array(depth).fill(bytes("tR"))));
};
/** Each tuple holds the one before it twice: 2^depth leaves, were they ever written out. */
const doubled = (depth: number): Buffer =>
  bytes("N", ...Array.from({ length: depth }, (_, i) => bytes("q", [i], "h", [i], [0x86])));

const cases: readonly (readonly [name: string, file: Buffer, says: RegExp])[] = [
  [
    "a global put together from the memo",
    archive(pickle(text("os"), bytes("q\x00"), text("system"), bytes([0x93]), bytes(")R"))),
    /refused: the file asks for "os system"/,
  ],
  [
    "a global as the argument of an allowed one",
    archive(pickle(call("collections OrderedDict", global("builtins eval")))),
    /refused: the file asks for "builtins eval"/,
  ],
  [
    "a global under another spelling",
    archive(pickle(global("torch._utils  _rebuild_tensor_v2"))),
    /refused: the file asks for/,
  ],
  [
    "a global with a name of megabytes",
    archive(pickle(global(`os ${"x".repeat(900_000)}`))),
    /refused: the file asks for "os x{70,80}…"/,
  ],
  [
    "an opcode that calls",
    archive(pickle(bytes("(i", "os\nsystem\n"))),
    /refused: pickle opcode 0x69/,
  ],
  [
    "a state that is set on an instance",
    archive(pickle(bytes("]", "(cos\nsystem\n"))),
    /refused: the file asks for "os system"/,
  ],
  [
    "millions of remembered values",
    archive(
      pickle(
        bytes("N"),
        Buffer.concat(Array.from({ length: 2_000_100 }, (_, i) => bytes("r", u32(i)))),
      ),
    ),
    /more than 2000000 remembered values/,
  ],
  ["millions of values", archive(pickle(Buffer.alloc(2_000_100, "N"))), /more than 2000000 values/],
  [
    "calls nested a hundred thousand deep",
    archive(pickle(dict([text("w"), nested(100_000)]))),
    /expected a dict of tensors, got none/,
  ],
  [
    "a value that doubles sixty times",
    archive(pickle(dict([text("w"), doubled(60)]))),
    /expected a dict of tensors, got none/,
  ],
  [
    "a compressed member",
    zip([{ name: "archive/data.pkl", data: Buffer.from([3, 0]), method: 8, says: 2 ** 31 }]),
    /expected an uncompressed zip archive, got a compressed "archive\/data.pkl"/,
  ],
  [
    "a member that says it is larger than the file",
    zip([{ name: "archive/data.pkl", data: pickle(bytes("N")), says: 2 ** 31 }]),
    /"archive\/data.pkl" points outside the file/,
  ],
  [
    "a size in a field that is not there",
    zip([{ name: "archive/data.pkl", data: pickle(bytes("N")), says: 0xffff_ffff }]),
    /points outside the file/,
  ],
  [
    "more members than there are",
    zip([{ name: "archive/data.pkl", data: pickle(bytes("N")) }], 65_000),
    /zip directory is damaged at entry 1/,
  ],
  [
    "a storage that ends before its tensor",
    archive(one({ shape: [100], strides: [1], count: 100 })),
    /storage "0" has 4 bytes, expected 400/,
  ],
  [
    "a tensor that repeats one element a billion times",
    archive(one({ shape: [1_000_000_000], strides: [0] })),
    /tensor "w" has 1000000000 elements, more than its storage/,
  ],
  [
    "the same, in a storage that says it is large",
    archive(one({ shape: [1e9, 1e5], strides: [0, 0], count: 1e15 })),
    /more than its storage/,
  ],
  [
    "overlapping strides",
    archive(one({ shape: [50, 50], strides: [1, 1], count: 99 }), Buffer.alloc(400)),
    /tensor "w" has 2500 elements, more than its storage/,
  ],
  [
    "a size that is no number",
    archive(one({ shape: [Number.NaN], strides: [1] })),
    /no usable shape/,
  ],
  [
    "one storage under a thousand names",
    archive(
      pickle(
        dict(
          ...Array.from(
            { length: 1000 },
            (_, i) =>
              [text(`w${i}`), tensor({ shape: [250_000], strides: [1], count: 250_000 })] as const,
          ),
        ),
      ),
      Buffer.alloc(1_000_000),
    ),
    /its tensors are more than 4 times its own \d+ bytes/,
  ],
];

it.each(cases)("refuses %s", (name, file, says) => {
  const source = join(folder, "hostile.bin");
  writeFileSync(source, file);
  const before = process.memoryUsage().rss;
  expect(() => convertStateDict(source, join(folder, "out.safetensors")), name).toThrow(says);
  expect(process.memoryUsage().rss - before).toBeLessThan(1.5e9);
  expect(readdirSync(folder)).toEqual(["hostile.bin"]); // nothing half converted
});

it("takes names of members for names, wherever they point", () => {
  const source = join(folder, "paths.bin");
  const target = join(folder, "paths.safetensors");
  const key = "../../../../../probegrid-was-here";
  const data = pickle(dict([text("../w"), tensor({ shape: [1], strides: [1] }, key)]));
  const members = [
    { name: "../../tmp/probegrid-was-here/data.pkl", data },
    { name: `../../tmp/probegrid-was-here/data/${key}`, data: Buffer.alloc(4) },
  ];
  writeFileSync(source, zip(members));
  convertStateDict(source, target);
  expect(readdirSync(folder).filter((name) => name !== "hostile.bin")).toEqual([
    ...["paths.bin", "paths.safetensors"],
  ]);
  expect(existsSync("/tmp/probegrid-was-here")).toBe(false);
});
