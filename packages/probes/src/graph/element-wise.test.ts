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
    kernel.run({ x: a, y: b }, { s: 0.7 }, into);
    const scalar = f(0.7);
    expect(into.root).toEqual(a.map((v, i) => Math.sqrt(Math.abs(f(f(v * scalar) - b[i]!)))));
    expect(into.ratio).toEqual(a.map((v, i) => -v / f(f(b[i]! * b[i]!) + 0.5)));
    expect(into.held).toEqual(a.map((v) => Math.min(Math.max(v, -0.25), scalar)));
  },
);

it("writes into what it reads", () => {
  const kernel = compileElementWise({ sum: add(x, y), difference: sub(x, y) });
  const a = Float32Array.of(1, 2, 3, 4, 5);
  const b = Float32Array.of(10, 20, 30, 40, 50);
  kernel.run({ x: a, y: b }, {}, { sum: a, difference: b });
  expect([...a]).toEqual([11, 22, 33, 44, 55]);
  expect([...b]).toEqual([-9, -18, -27, -36, -45]);
});

it("keeps to its part of a larger array, and lets not-a-number through", () => {
  const kernel = compileElementWise({ y: mul(x, constant(2)) });
  const whole = Float32Array.of(1, 2, Number.NaN, 4, 5, 6, 7);
  const part = whole.subarray(1, 4);
  kernel.run({ x: part }, {}, { y: part });
  expect([...whole]).toEqual([1, 4, Number.NaN, 8, 5, 6, 7]);
});

it("refuses ops that it has no instruction for", () => {
  expect(() => compileElementWise({ y: exp(x) })).toThrow("Exp is not compiled element-wise");
});
