/** @file An example of every op with its value worked by hand: what tests and `doctor` hold every backend to. */

import type { Node, Op, TensorData } from "./node.ts";
import * as o from "./ops.ts";

/** An op in use: what it is given, how it is built, and the values that come out, worked by hand. */
export type Example = {
  readonly inputs: readonly { readonly data: TensorData; readonly shape: readonly number[] }[];
  readonly build: (...inputs: readonly Node[]) => Node;
  readonly value: readonly number[];
  /** Inputs through which a gradient flows; all float inputs by default. */
  readonly wrt?: readonly number[];
};

const f = (shape: readonly number[], ...values: number[]) => ({
  data: Float32Array.from(values),
  shape,
});
const l = (shape: readonly number[], ...values: number[]) => ({
  data: BigInt64Array.from(values, BigInt),
  shape,
});

/** One example of an op of one input on [0.5, -1, 2]. */
const unary = (
  build: (x: Node) => Node,
  fn: (x: number) => number,
  xs = [0.5, -1, 2],
): Example => ({
  inputs: [f([3], ...xs)],
  build: build as Example["build"],
  value: xs.map(fn),
});
const pair = (build: Example["build"], ...value: number[]): Example => ({
  inputs: [f([2, 2], 1, 2, 3, 4), f([2], 2, -5)],
  build,
  value,
});
const Phi = (x: number) => 0.5 * (1 + erf(x / Math.SQRT2));
/** Abramowitz and Stegun 7.1.6, a series that converges for small arguments. */
function erf(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; n < 60; n++) {
    term *= (-x * x) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}
const tanhGelu = (x: number) =>
  0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));

/** Total: an op without an example does not compile. Leaves are used through the others. */
export const examples: { readonly [K in Op]: readonly Example[] } = {
  Input: [{ inputs: [f([2], 3, 4)], build: (x) => x!, value: [3, 4] }],
  Constant: [
    {
      inputs: [f([2], 1, 1)],
      build: (x) => o.mul(x!, o.constant(Float32Array.of(3, 4))),
      value: [3, 4],
    },
  ],
  Weight: [], // session.test.ts: needs a file
  Fill: [{ inputs: [f([2], 1, 5)], build: (x) => o.add(x!, o.fill(2, x!.shape)), value: [3, 7] }],
  Range: [
    {
      inputs: [f([3], 1, 5, 2)],
      build: (x) => o.add(x!, o.cast(o.range(3), "float32")),
      value: [1, 6, 4],
    },
  ],
  StopGradient: [
    { inputs: [f([2], 3, 4)], build: (x) => o.stopGradient(x!), value: [3, 4], wrt: [] },
  ],

  Add: [pair((a, b) => o.add(a!, b!), 3, -3, 5, -1)],
  Sub: [pair((a, b) => o.sub(a!, b!), -1, 7, 1, 9)],
  Mul: [pair((a, b) => o.mul(a!, b!), 2, -10, 6, -20)],
  Div: [pair((a, b) => o.div(a!, b!), 0.5, -0.4, 1.5, -0.8)],
  Pow: [pair((a, b) => o.pow(a!, b!), 1, 1 / 32, 9, 1 / 1024)],
  Max: [pair((a, b) => o.maximum(a!, b!), 2, 2, 3, 4)],
  Min: [pair((a, b) => o.minimum(a!, b!), 1, -5, 2, -5)],
  Neg: [unary(o.neg, (x) => -x)],
  Abs: [unary(o.abs, Math.abs)],
  Sign: [{ ...unary(o.sign, Math.sign), wrt: [] }],
  Sqrt: [unary(o.sqrt, Math.sqrt, [0.25, 1, 9])],
  Exp: [unary(o.exp, Math.exp)],
  Log: [unary(o.log, Math.log, [0.5, 1, 3])],
  Sin: [unary(o.sin, Math.sin)],
  Cos: [unary(o.cos, Math.cos)],
  Erf: [unary(o.erf, erf)],
  Tanh: [unary(o.tanh, Math.tanh)],
  Sigmoid: [unary(o.sigmoid, (x) => 1 / (1 + Math.exp(-x)))],
  Softplus: [unary(o.softplus, (x) => Math.log1p(Math.exp(x)))],
  Relu: [unary(o.relu, (x) => Math.max(x, 0))],
  Gelu: [unary(o.gelu, (x) => x * Phi(x)), unary((x) => o.gelu(x, "tanh"), tanhGelu)],
  Floor: [{ ...unary(o.floor, Math.floor), wrt: [] }],
  Cast: [{ inputs: [l([2], 3, -4)], build: (x) => o.cast(x!, "float32"), value: [3, -4] }],

  Equal: [{ ...pair((a, b) => o.cast(o.equal(a!, b!), "float32"), 0, 0, 0, 0), wrt: [] }],
  Greater: [{ ...pair((a, b) => o.cast(o.greater(a!, b!), "float32"), 0, 1, 1, 1), wrt: [] }],
  Not: [{ ...pair((a, b) => o.cast(o.not(o.greater(a!, b!)), "float32"), 1, 0, 0, 0), wrt: [] }],
  Where: [pair((a, b) => o.where(o.greater(a!, b!), a!, o.expand(b!, a!.shape)), 2, 2, 3, 4)],

  MatMul: [
    // [1 2; 3 4][1 0 2; -1 3 1]
    {
      inputs: [f([2, 2], 1, 2, 3, 4), f([2, 3], 1, 0, 2, -1, 3, 1)],
      build: (a, b) => o.matMul(a!, b!),
      value: [-1, 6, 4, -1, 12, 10],
    },
    // 2 · [1 3; 2 4] [1 -1; 0 3; 2 1]ᵀ = 2 · [1 3; 2 4][1 0 2; -1 3 1]
    {
      inputs: [f([2, 2], 1, 2, 3, 4), f([3, 2], 1, -1, 0, 3, 2, 1)],
      build: (a, b) => o.matMul(a!, b!, { transposeA: true, transposeB: true, scale: 2 }),
      value: [-4, 18, 10, -4, 24, 16],
    },
    // A shared matrix: two rows, batch of two.
    {
      inputs: [f([2, 1, 2], 1, 2, 3, 4), f([2, 1], 5, 7)],
      build: (a, b) => o.matMul(a!, b!),
      value: [19, 43],
    },
    {
      inputs: [f([2, 1, 2], 1, 2, 3, 4), f([1, 2], 5, 7)],
      build: (a, b) => o.matMul(a!, b!, { transposeB: true }),
      value: [19, 43],
    },
    // Batch axes broadcast: [2, 1, 1, 2] x [3, 2, 1]
    {
      inputs: [f([2, 1, 1, 2], 1, 2, 3, 4), f([3, 2, 1], 1, 0, 0, 1, 1, 1)],
      build: (a, b) => o.matMul(a!, b!),
      value: [1, 2, 3, 3, 4, 7],
    },
  ],
  Softmax: [
    {
      inputs: [f([2, 2], 0, Math.log(3), 1, 1)],
      build: (x) => o.softmax(x!),
      value: [0.25, 0.75, 0.5, 0.5],
    },
    {
      inputs: [f([2, 2], 0, 1, Math.log(3), 1)],
      build: (x) => o.softmax(x!, 0),
      value: [0.25, 0.5, 0.75, 0.5],
    },
  ],
  LogSoftmax: [
    {
      inputs: [f([2, 2], 0, Math.log(3), 1, 1)],
      build: (x) => o.logSoftmax(x!),
      value: [0.25, 0.75, 0.5, 0.5].map(Math.log),
    },
  ],
  LayerNormalization: [
    // [1, 3]: mean 2, variance 1; [2, 8]: mean 5, variance 9. Scale [2, 1], bias [1, 0].
    {
      inputs: [f([2, 2], 1, 3, 2, 8), f([2], 2, 1), f([2], 1, 0)],
      build: (x, scale, bias) =>
        o.layerNormalization(x!, { scale: scale!, bias: bias!, epsilon: 1e-12 }),
      value: [-1, 1, -1, 1],
    },
    {
      inputs: [f([1, 4], 1, 3, -2, 8), f([4], 2, 1, -1, 0.5), f([4], 1, 0, 0, 0)],
      build: (x, scale, bias) =>
        o.layerNormalization(x!, { scale: scale!, bias: bias!, epsilon: 0.75 }),
      // mean 2.5, variance (2.25 + 0.25 + 20.25 + 30.25) / 4 = 13.25, deviation √14
      value: [
        -3 / Math.sqrt(14) + 1,
        0.5 / Math.sqrt(14),
        4.5 / Math.sqrt(14),
        2.75 / Math.sqrt(14),
      ],
    },
  ],

  ReduceSum: [
    { inputs: [f([2, 3], 1, 2, 3, 4, 5, 6)], build: (x) => o.reduceSum(x!, [1]), value: [6, 15] },
    { inputs: [f([2, 3], 1, 2, 3, 4, 5, 6)], build: (x) => o.reduceSum(x!), value: [21] },
  ],
  ReduceMean: [
    {
      inputs: [f([2, 3], 1, 2, 3, 4, 5, 6)],
      build: (x) => o.reduceMean(x!, [0], true),
      value: [2.5, 3.5, 4.5],
    },
  ],
  ReduceMax: [
    { inputs: [f([2, 3], 1, 7, 3, 4, 5, 6)], build: (x) => o.reduceMax(x!, [1]), value: [7, 6] },
  ],
  ReduceMin: [
    { inputs: [f([2, 3], 1, 7, 3, 4, 5, 6)], build: (x) => o.reduceMin(x!, [-1]), value: [1, 4] },
  ],
  ArgMax: [
    {
      inputs: [f([2, 3], 1, 7, 7, 4, 5, 6)],
      build: (x) => o.cast(o.argMax(x!), "float32"),
      value: [1, 2],
      wrt: [],
    },
  ],

  Reshape: [
    {
      inputs: [f([2, 3], 1, 2, 3, 4, 5, 6)],
      build: (x) => o.reshape(x!, [3, -1]),
      value: [1, 2, 3, 4, 5, 6],
    },
  ],
  Expand: [{ inputs: [f([1, 2], 1, 2)], build: (x) => o.expand(x!, [2, 2]), value: [1, 2, 1, 2] }],
  Transpose: [
    {
      inputs: [f([2, 1, 3], 1, 2, 3, 4, 5, 6)],
      build: (x) => o.transpose(x!, [2, 0, 1]),
      value: [1, 4, 2, 5, 3, 6],
    },
  ],
  Concat: [
    {
      inputs: [f([2, 1], 1, 2), f([2, 2], 3, 4, 5, 6)],
      build: (a, b) => o.concat([a!, b!], 1),
      value: [1, 3, 4, 2, 5, 6],
    },
  ],
  Slice: [
    {
      inputs: [f([2, 3], 1, 2, 3, 4, 5, 6)],
      build: (x) => o.slice(x!, 1, { start: 1 }),
      value: [2, 3, 5, 6],
    },
    {
      inputs: [f([2, 3], 1, 2, 3, 4, 5, 6)],
      build: (x) => o.slice(x!, 1, { start: -2, end: -1 }),
      value: [2, 5],
    },
  ],
  Pad: [
    {
      inputs: [f([2], 1, 2)],
      build: (x) => o.pad(x!, 0, { before: 1, after: 2 }),
      value: [0, 1, 2, 0, 0],
    },
  ],
  Gather: [
    {
      inputs: [f([3, 2], 1, 2, 3, 4, 5, 6), l([2, 2], 0, 2, 2, 2)],
      build: (x, i) => o.gather(x!, i!),
      value: [1, 2, 5, 6, 5, 6, 5, 6],
    },
    {
      inputs: [f([2, 3], 1, 2, 3, 4, 5, 6), l([], 1)],
      build: (x, i) => o.gather(x!, i!, 1),
      value: [2, 5],
    },
  ],
  Rearrange: [
    {
      inputs: [f([3, 2], 1, 2, 3, 4, 5, 6), l([3], 2, 0, 1), l([3], 1, 2, 0)],
      build: (x, indices, inverse) =>
        o.rearrange(x!, { indices: indices!, inverse: inverse!, axis: 0 }),
      value: [5, 6, 1, 2, 3, 4],
      wrt: [0],
    },
  ],
  GatherElements: [
    {
      inputs: [f([2, 3], 1, 2, 3, 4, 5, 6), l([2, 2], 0, 0, 2, 1)],
      build: (x, i) => o.gatherElements(x!, i!, 1),
      value: [1, 1, 6, 5],
    },
  ],
  GatherND: [
    {
      inputs: [f([2, 2], 1, 2, 3, 4), l([3, 2], 0, 0, 1, 0, 1, 0)],
      build: (x, i) => o.gatherND(x!, i!),
      value: [1, 3, 3],
    },
  ],
  ScatterElements: [
    {
      inputs: [f([1, 3], 1, 2, 3), l([1, 2], 2, 2), f([1, 2], 10, 20)],
      build: (x, i, u) =>
        o.scatterElements(x!, { indices: i!, updates: u!, axis: 1, reduction: "add" }),
      value: [1, 2, 33],
    },
    {
      inputs: [f([1, 3], 1, 2, 3), l([1, 2], 2, 0), f([1, 2], 10, 20)],
      build: (x, i, u) => o.scatterElements(x!, { indices: i!, updates: u!, axis: 1 }),
      value: [20, 2, 10],
    },
  ],
  ScatterND: [
    {
      inputs: [f([3, 2], 1, 2, 3, 4, 5, 6), l([2, 1], 2, 2), f([2, 2], 10, 20, 1, 1)],
      build: (x, i, u) => o.scatterND(x!, { indices: i!, updates: u!, reduction: "add" }),
      value: [1, 2, 3, 4, 16, 27],
    },
    {
      inputs: [f([3], 1, 2, 3), l([1, 1], 1), f([1], 10)],
      build: (x, i, u) => o.scatterND(x!, { indices: i!, updates: u! }),
      value: [1, 10, 3],
    },
  ],
};

/** The inputs of an example, x0, x1, …; with `symbolic` the first axis of the first is not known. */
export function inputsOf(example: Example, symbolic = false): readonly Node[] {
  return example.inputs.map(({ data, shape }, i) => {
    const dims = symbolic && i === 0 && shape.length > 0 ? ["n", ...shape.slice(1)] : shape;
    return o.input(`x${i}`, dims, data instanceof Float32Array ? "float32" : "int64");
  });
}

/** What is fed to the inputs of an example. */
export const feedsOf = (example: Example) =>
  Object.fromEntries(example.inputs.map((tensor, i) => [`x${i}`, tensor]));
