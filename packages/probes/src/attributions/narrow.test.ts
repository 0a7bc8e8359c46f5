/** @file Reading one token computes one token: the same numbers, and no product over the others. */

import { expect, it } from "vitest";
import {
  add,
  constant,
  evaluate,
  gelu,
  input,
  isOp,
  layerNormalization,
  matMul,
  mul,
  type Node,
  reduceSum,
  slice,
  softmax,
  topologicalOrder,
} from "../graph/index.ts";
import { joinHeads, splitHeads } from "../nn/layers.ts";
import { createRandom } from "../random.ts";
import { narrowReads } from "./narrow.ts";

const draw = createRandom(3);
const random = (...shape: readonly number[]): Node =>
  constant(
    Float32Array.from({ length: shape.reduce((a, b) => a * b) }, () => draw.normal()),
    shape,
  );
const norm = (x: Node): Node =>
  layerNormalization(x, { scale: random(8), bias: random(8), epsilon: 1e-5 });

/** A layer of two heads on x [batch, tokens, 8]. */
function layer(x: Node, bias: Node): Node {
  const [q, k, v] = [0, 1, 2].map(() => splitHeads(add(matMul(x, random(8, 8)), random(8)), 2));
  const scores = softmax(add(matMul(q!, k!, { transposeB: true, scale: 0.5 }), bias));
  const mixed = norm(add(matMul(joinHeads(matMul(scores, v!)), random(8, 8)), x));
  return norm(add(matMul(gelu(matMul(mixed, random(8, 16))), random(16, 8)), mixed));
}

it("gives the same outputs from products of the token that is read", async () => {
  const x = input("x", ["batch", "tokens", 8]);
  const bias = input("bias", ["batch", 1, 1, "tokens"]);
  const below = layer(x, bias);
  const last = layer(below, bias);
  const outputs = mul(reduceSum(slice(last, 1, { start: 0, end: 1 }), [1]), constant(3));
  const narrow = narrowReads(outputs, { last, below });
  const feeds = {
    x: { data: Float32Array.from({ length: 2 * 5 * 8 }, () => draw.normal()), shape: [2, 5, 8] },
    bias: { data: Float32Array.of(0, 0, 0, 0, 0, 0, 0, 0, -1e9, -1e9), shape: [2, 1, 1, 5] },
  };
  const found = await evaluate({ outputs, narrow }, feeds);
  const [whole, part] = [found.outputs!.data, found.narrow!.data] as Float32Array[];
  expect(part!.length).toBe(whole!.length);
  part!.forEach((value, i) => {
    expect(value).toBeCloseTo(whole![i]!, 5);
  });
  const wide = (root: Node): number =>
    topologicalOrder([root]).filter((v) => isOp(v, "MatMul") && v.shape[1] === "tokens").length;
  // 6 products per layer over whole tokens: of the last one nothing is left.
  expect([wide(outputs), wide(narrow)]).toEqual([12, 6]);
});
