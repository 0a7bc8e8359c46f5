/** @file Weights used where they lie, symbolic shapes through the walk, outputs written in place. */

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { gradients } from "./backward.ts";
import * as o from "./ops.ts";
import { compile, evaluate } from "./session.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "probegrid-session-"));
  // 8 bytes of something else, then float32 [1, 2, 3, 4], then float16 [1, -2] (0x3c00, 0xc000).
  const bytes = new Uint8Array(8 + 16 + 4);
  bytes.set(new Uint8Array(Float32Array.of(1, 2, 3, 4).buffer), 8);
  bytes.set(new Uint8Array(Uint16Array.of(0x3c00, 0xc000).buffer), 24);
  await writeFile(join(folder, "weights.bin"), bytes);
});
afterAll(() => rm(folder, { recursive: true }));

it("reads weights in place, and widens half precision", async () => {
  const w = o.weight(
    "w",
    { folder, file: "weights.bin", offset: 8, bytes: 16 },
    { shape: [2, 2], dtype: "float32" },
  );
  const h = o.weight(
    "h",
    { folder, file: "weights.bin", offset: 24, bytes: 4 },
    { shape: [2], dtype: "float16" },
  );
  const x = o.input("x", ["n", 2]);
  const { y } = await evaluate(
    { y: o.mul(o.matMul(x, w), h) },
    { x: { data: Float32Array.of(1, 1), shape: [1, 2] } },
  );
  expect([...(y!.data as Float32Array)]).toEqual([4, -12]); // [1 1][1 2; 3 4] = [4 6], times [1 -2]
});

it("sums a gradient over broadcast axes, with symbolic sizes", async () => {
  const x = o.input("x", ["rows", "columns"]);
  const b = o.input("b", ["columns"]);
  const loss = o.reduceMean(o.square(o.add(x, b)));
  const [db] = gradients(loss, [b]);
  const feeds = {
    x: { data: Float32Array.of(1, 2, 3, 4, 5, 6), shape: [2, 3] },
    b: { data: Float32Array.of(0, 1, 0), shape: [3] },
  };
  const { g } = await evaluate({ g: db! }, feeds);
  // 2/6 · column sums of x + b: [1+4, 3+6, 3+6] / 3
  [5, 9, 9].forEach((sum, i) => {
    expect((g!.data as Float32Array)[i]).toBeCloseTo(sum / 3, 6);
  });
});

it("reshapes by symbols that no single -1 can express", async () => {
  const x = o.input("x", ["a", "b", 4]);
  const y = o.reshape(o.transpose(o.reshape(x, ["a", "b", 2, 2]), [2, 0, 1, 3]), [2, "a*b", 2]);
  const { z } = await evaluate(
    { z: o.expand(o.reduceSum(y, [2], true), [2, "a*b", 3]) },
    { x: { data: Float32Array.from({ length: 24 }, (_, i) => i), shape: [2, 3, 4] } },
  );
  expect(z!.shape).toEqual([2, 6, 3]);
  expect((z!.data as Float32Array)[3]).toBe(4 + 5); // first half of row 1
});

it("writes outputs into given tensors", async () => {
  const x = o.input("x", [2]);
  const session = await compile({ y: o.scale(x, 3) });
  const data = new Float32Array(2);
  await session.run(
    { x: { data: Float32Array.of(1, 2), shape: [2] } },
    { y: { data, shape: [2] } },
  );
  expect([...data]).toEqual([3, 6]);
  await session.close();
});

it("names the input that was not fed", async () => {
  await expect(evaluate({ y: o.neg(o.input("x", [1])) })).rejects.toThrow('input "x" was not fed');
});

it("checks shapes when a node is built", () => {
  expect(() => o.matMul(o.input("a", [32, 768]), o.input("b", [512, 2]))).toThrow(
    "matMul: inner dimensions differ, got [32, 768] and [512, 2]",
  );
});
