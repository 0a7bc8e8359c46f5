/** @file Products in float16: which nodes change, and that values stay near. */

import { expect, it } from "vitest";
import { halfProducts } from "./half-products.ts";
import { isOp, topologicalOrder } from "./node.ts";
import { input, matMul, softmax } from "./ops.ts";
import { evaluate } from "./session.ts";

it("computes products in float16 and nothing else, from the same inputs", async () => {
  const x = input("x", [3, 4]);
  const scores = matMul(x, x, { transposeB: true, scale: 0.5 });
  const whole = { scores, mixed: matMul(softmax(scores), x) };
  const half = halfProducts(whole);
  const nodes = topologicalOrder(Object.values(half));
  const typesOf = (op: "MatMul" | "Softmax" | "Input") =>
    nodes.filter((node) => isOp(node, op)).map(({ dtype }) => dtype);
  expect(typesOf("MatMul")).toEqual(["float16", "float16"]);
  expect([typesOf("Softmax"), typesOf("Input")]).toEqual([["float32"], ["float32"]]);
  expect(nodes).toContain(x);
  const data = Float32Array.from({ length: 12 }, (_, i) => Math.sin(i + 1));
  const feeds = { x: { data, shape: [3, 4] } };
  const [a, b] = [await evaluate(whole, feeds), await evaluate(half, feeds)];
  for (const name of ["scores", "mixed"]) {
    const [exact, rounded] = [a[name]!.data as Float32Array, b[name]!.data as Float32Array];
    const apart = exact.map((value, i) => Math.abs(value - rounded[i]!));
    // Two roundings of relative size 2⁻¹¹ in sums of four products below one; the CPU, which has no
    // products in float16, leaves them out.
    expect(Math.max(...apart)).toBeLessThan(8 * 2 ** -11);
  }
});
