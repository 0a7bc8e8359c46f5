/** @file Element-wise kernels against arithmetic written out, at lengths around the pieces they work in. */

import { expect, it } from "vitest";
import { compileElementWise } from "./element-wise.ts";
import {
  abs,
  add,
  constant,
  div,
  exp,
  input,
  maximum,
  minimum,
  mul,
  neg,
  sqrt,
  sub,
} from "./ops.ts";

import { wasmMemory } from "./wasm.ts";

const f = Math.fround;
const x = input("x", ["n"]);
const y = input("y", ["n"]);
const s = input("s", []);

it.each([1, 3, 4, 5, 16_384, 16_385, 50_001])(
  "computes %i elements exactly as float32 does",
  (n) => {
    const kernel = compileElementWise({
      root: sqrt(abs(sub(mul(x, s), y))),
      ratio: div(neg(x), add(mul(y, y), constant(0.5))),
      held: minimum(maximum(x, constant(-0.25)), s),
    });
    const a = Float32Array.from({ length: n }, (_, i) => f(Math.sin(i)));
    const b = Float32Array.from({ length: n }, (_, i) => f(Math.cos(3 * i)));
    const into = {
      root: new Float32Array(n),
      ratio: new Float32Array(n),
      held: new Float32Array(n),
    };
    kernel.run({ x: a, y: b }, { s: 0.7 }, { into });
    const scalar = f(0.7);
    expect(into.root).toEqual(a.map((v, i) => Math.sqrt(Math.abs(f(f(v * scalar) - b[i]!)))));
    expect(into.ratio).toEqual(a.map((v, i) => -v / f(f(b[i]! * b[i]!) + 0.5)));
    expect(into.held).toEqual(a.map((v) => Math.min(Math.max(v, -0.25), scalar)));
  },
);

it.each([4, 16_388])("works on %i elements where they lie, and on nothing beside them", (n) => {
  const memory = wasmMemory(4 * (2 * n + 8))!;
  const all = new Float32Array(memory.buffer).fill(7);
  const [a, b] = [all.subarray(4, 4 + n), all.subarray(4 + n, 4 + 2 * n)];
  for (let i = 0; i < n; i++) {
    a[i] = Math.sin(i);
    b[i] = Math.cos(i);
  }
  const expected = a.map((v, i) => f(f(v * f(0.3)) + b[i]!));
  const kernel = compileElementWise({ sum: add(mul(x, s), y), y: neg(y) }, memory);
  const negated = b.map((v) => -v);
  kernel.run({ x: a, y: b }, { s: 0.3 }, { into: { sum: a, y: b } });
  expect(a).toEqual(expected);
  expect(b).toEqual(negated);
  expect(new Set([...all.subarray(0, 4), ...all.subarray(4 + 2 * n)])).toEqual(new Set([7]));
  const part = a.subarray(1, 4); // not a multiple of four: goes through a window
  const own = part.map((v, i) => f(f(v * 2) + b[i]!));
  kernel.run(
    { x: part, y: b.subarray(0, 3) },
    { s: 2 },
    { into: { sum: part, y: new Float32Array(3) } },
  );
  expect(a.subarray(1, 4)).toEqual(own);
  expect(a[0]).toBe(expected[0]);
});

it("writes into what it reads", () => {
  const kernel = compileElementWise({ sum: add(x, y), difference: sub(x, y) });
  const a = Float32Array.of(1, 2, 3, 4, 5);
  const b = Float32Array.of(10, 20, 30, 40, 50);
  kernel.run({ x: a, y: b }, {}, { into: { sum: a, difference: b } });
  expect([...a]).toEqual([11, 22, 33, 44, 55]);
  expect([...b]).toEqual([-9, -18, -27, -36, -45]);
});

it("keeps to its part of a larger array, and lets not-a-number through", () => {
  const kernel = compileElementWise({ y: mul(x, constant(2)) });
  const whole = Float32Array.of(1, 2, Number.NaN, 4, 5, 6, 7);
  const part = whole.subarray(1, 4);
  kernel.run({ x: part }, {}, { into: { y: part } });
  expect([...whole]).toEqual([1, 4, Number.NaN, 8, 5, 6, 7]);
});

it.each([false, true])("computes ranges only, in place or not (%s)", (inPlace) => {
  const memory = wasmMemory(64)!;
  const a = inPlace ? new Float32Array(memory.buffer, 0, 12) : new Float32Array(12);
  a.fill(1);
  const ranges = [
    { start: 0, end: 4 },
    { start: 5, end: 7 },
    { start: 7, end: 7 },
    { start: 8, end: 12 },
  ];
  compileElementWise({ y: add(x, constant(1)) }, memory).run(
    { x: a },
    {},
    { into: { y: a }, ranges },
  );
  expect([...a]).toEqual([2, 2, 2, 2, 1, 2, 2, 1, 2, 2, 2, 2]);
});

it("refuses ops that it has no instruction for", () => {
  expect(() => compileElementWise({ y: exp(x) })).toThrow("Exp is not compiled element-wise");
});
