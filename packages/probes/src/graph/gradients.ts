/** @file The gradient table: for each op, the gradient of each input from the gradient of the output. */

import type { Node, Op } from "./node.ts";
import {
  add,
  cast,
  constant,
  cos,
  div,
  equal,
  erf,
  exp,
  expand,
  fill,
  gatherElements,
  gatherND,
  greater,
  log,
  matMul,
  mul,
  neg,
  not,
  pad,
  pow,
  rearrange,
  reduceMean,
  reduceSum,
  reshape,
  scale,
  scatterElements,
  scatterND,
  shift,
  sigmoid,
  sign,
  sin,
  slice,
  sqrt,
  square,
  sub,
  tanh,
  transpose,
  where,
} from "./ops.ts";
import { plus, resolveAxis, type Shape } from "./shape.ts";

/**
 * One row: `dy` is the gradient of the output `y`; the answer has one entry per input, null where
 * no gradient flows. Rows are plain calculus: the walk sums over axes that were broadcast.
 */
export type GradientRule<K extends Op = Op> = (dy: Node, y: Node<K>) => readonly (Node | null)[];
export type RuleTable = { readonly [K in Op]: GradientRule<K> };

const x0 = (y: Node): Node => y.inputs[0]!;
const x1 = (y: Node): Node => y.inputs[1]!;
const x2 = (y: Node): Node => y.inputs[2]!;

const leaf = () => [];
const flat = () => [null, null];

/** dx = dy · f'(x), for ops of one input. */
const along = (derivative: (x: Node, y: Node) => Node) => (dy: Node, y: Node) => [
  mul(dy, derivative(x0(y), y)),
];

/** The shape of x with the given axes kept as ones. */
function keptShape(x: Node, axes: readonly number[]): Shape {
  const reduced = new Set(axes.map((axis) => resolveAxis("reduce", axis, x.shape.length)));
  return x.shape.map((dim, i) => (reduced.has(i) ? 1 : dim));
}

/** Gradient of a maximum or minimum: shared evenly among the elements that attain it. */
function throughExtreme(dy: Node, y: Node<"ReduceMax"> | Node<"ReduceMin">) {
  const x = x0(y);
  const kept = keptShape(x, y.attributes.axes);
  const attained = cast(equal(x, reshape(y, kept)), "float32");
  const count = reduceSum(attained, [...y.attributes.axes], true);
  return [mul(div(attained, count), reshape(dy, kept))];
}

/** Number of reduced elements per output element, as a node (sizes may be symbolic). */
function reducedCount(y: Node<"ReduceMean">): Node {
  const ones = fill(
    1,
    x0(y).shape.map((dim, i) => (isReduced(y, i) ? dim : 1)),
  );
  return reduceSum(ones);
}

function isReduced(y: Node<"ReduceMean">, axis: number): boolean {
  const rank = x0(y).shape.length;
  return y.attributes.axes.some((a) => resolveAxis("reduceMean", a, rank) === axis);
}

/** Φ(x) + x φ(x), with u = x/√2: (1 + erf u + u · 2/√π · e^(-u²)) / 2. */
function geluDerivative(x: Node): Node {
  const u = scale(x, Math.SQRT1_2);
  const density = mul(u, scale(exp(neg(square(u))), 2 / Math.sqrt(Math.PI)));
  return scale(shift(add(erf(u), density), 1), 0.5);
}

/** Derivative of x/2 · (1 + tanh(√(2/π)(x + 0.044715 x³))). */
function tanhGeluDerivative(x: Node): Node {
  const c = Math.sqrt(2 / Math.PI);
  const x2 = square(x);
  const t = tanh(mul(x, shift(scale(x2, 0.044715 * c), c)));
  const inner = shift(scale(x2, 3 * 0.044715 * c), c);
  const slope = mul(mul(x, sub(constant(1), square(t))), inner);
  return scale(add(shift(t, 1), slope), 0.5);
}

/** With x̂ the normalised input: dx = (dx̂ - mean(dx̂) - x̂ mean(dx̂ x̂)) / sqrt(variance + ε). */
function throughLayerNormalization(dy: Node, y: Node<"LayerNormalization">) {
  const x = x0(y);
  const gain = x1(y);
  const last = x.shape.length - 1;
  const centred = sub(x, reduceMean(x, [last], true));
  const variance = reduceMean(square(centred), [last], true);
  const deviation = sqrt(shift(variance, y.attributes.epsilon));
  const normal = div(centred, deviation);
  const dNormal = mul(dy, gain);
  const inner = add(
    reduceMean(dNormal, [last], true),
    mul(normal, reduceMean(mul(dNormal, normal), [last], true)),
  );
  return [div(sub(dNormal, inner), deviation), mul(dy, normal), dy];
}

/** Both factors of a product; a matrix shared by a batch gets its gradient from one flat product. */
function throughMatMul(dy: Node, y: Node<"MatMul">) {
  const { transposeA, transposeB, scale: s } = y.attributes;
  const a = x0(y);
  const b = x1(y);
  const da = transposeA
    ? matMul(b, dy, { transposeA: transposeB, transposeB: true, scale: s })
    : matMul(dy, b, { transposeB: !transposeB, scale: s });
  if (b.shape.length === 2 && a.shape.length > 2 && !transposeA) {
    const rows = (v: Node) => reshape(v, [-1, v.shape[v.shape.length - 1]!]);
    const [left, right] = transposeB ? [dy, a] : [a, dy];
    return [da, matMul(rows(left), rows(right), { transposeA: true, scale: s })];
  }
  const db = transposeB
    ? matMul(dy, a, { transposeA: true, transposeB: transposeA, scale: s })
    : matMul(a, dy, { transposeA: !transposeA, scale: s });
  return [da, db];
}

/** dy · ∂(a^b): b·a^(b-1) for the base, a^b·ln a for the exponent. */
function throughPow(dy: Node, y: Node<"Pow">) {
  const a = x0(y);
  const b = x1(y);
  return [mul(dy, mul(b, pow(a, shift(b, -1)))), mul(dy, mul(y, log(a)))];
}

/** Ties go half to each side. */
function throughBinaryExtreme(dy: Node, y: Node, better: (a: Node, b: Node) => Node) {
  const a = x0(y);
  const b = x1(y);
  const tie = scale(cast(equal(a, b), "float32"), 0.5);
  return [
    mul(dy, add(cast(better(a, b), "float32"), tie)),
    mul(dy, add(cast(better(b, a), "float32"), tie)),
  ];
}

function throughConcat(dy: Node, y: Node<"Concat">) {
  const axis = resolveAxis("concat", y.attributes.axis, y.shape.length);
  let before: number | null = 0;
  return y.inputs.map((x, i) => {
    const length = x.shape[axis]!;
    const last = i === y.inputs.length - 1;
    if (before === null || (typeof length !== "number" && !last)) {
      throw new Error("concat: no gradient past a symbolic length that is not the last");
    }
    const piece = slice(dy, axis, { start: before, end: last ? null : before + Number(length) });
    before = typeof length === "number" ? before + length : null;
    return last && y.inputs.length === 1 ? dy : reshape(piece, x.shape);
  });
}

function throughSlice(dy: Node, y: Node<"Slice">) {
  const x = x0(y);
  const axis = resolveAxis("slice", y.attributes.axis, x.shape.length);
  const { start, end } = y.attributes;
  const length = x.shape[axis]!;
  const before = start < 0 ? plus(length, start) : start;
  const after = end === null ? 0 : end < 0 ? -end : plus(length, -end);
  return [pad(dy, axis, { before, after: typeof after === "number" ? Math.max(after, 0) : after })];
}

/** Scatters dy back onto the rows that were looked up; repeated rows add up. */
function throughGather(dy: Node, y: Node<"Gather">) {
  const x = x0(y);
  const indices = x1(y);
  const axis = resolveAxis("gather", y.attributes.axis, x.shape.length);
  const rank = x.shape.length;
  // Bring dy to [..before, indices flat, ..after] and the indices to the same shape.
  const flatShape = [...x.shape.slice(0, axis), -1, ...x.shape.slice(axis + 1)];
  const updates = reshape(dy, flatShape);
  const lengths = updates.shape.map((_, i) => (i === axis ? updates.shape[axis]! : 1));
  const wide = expand(reshape(indices, lengths), updates.shape);
  const zeros = fill(0, x.shape);
  if (rank === 0) throw new Error("internal: gather from a scalar");
  return [scatterElements(zeros, { indices: wide, updates, axis, reduction: "add" }), null];
}

const throughGatherElements = (dy: Node, y: Node<"GatherElements">) => [
  scatterElements(fill(0, x0(y).shape), {
    indices: x1(y),
    updates: dy,
    axis: y.attributes.axis,
    reduction: "add",
  }),
  null,
];

function throughGatherND(dy: Node, y: Node<"GatherND">) {
  if (y.attributes.batchDims > 0) throw new Error("gatherND: no gradient with batch dimensions");
  const zeros = fill(0, x0(y).shape);
  return [scatterND(zeros, { indices: x1(y), updates: dy, reduction: "add" }), null];
}

/** The data keeps its gradient except where overwritten; updates read theirs at the indices. */
function throughScatterElements(dy: Node, y: Node<"ScatterElements">) {
  const { axis, reduction } = y.attributes;
  const updates = gatherElements(dy, x1(y), axis);
  if (reduction === "add") return [dy, null, updates];
  const zeros = fill(0, x2(y).shape);
  return [scatterElements(dy, { indices: x1(y), updates: zeros, axis }), null, updates];
}

function throughScatterND(dy: Node, y: Node<"ScatterND">) {
  const updates = gatherND(dy, x1(y));
  if (y.attributes.reduction === "add") return [dy, null, updates];
  return [scatterND(dy, { indices: x1(y), updates: fill(0, x2(y).shape) }), null, updates];
}

/** Total over the ops: deleting a row does not compile. */
export const gradientRules: RuleTable = {
  Input: leaf,
  Constant: leaf,
  Weight: leaf,
  Fill: leaf,
  Range: leaf,
  StopGradient: () => [null],

  Add: (dy) => [dy, dy],
  Sub: (dy) => [dy, neg(dy)],
  Mul: (dy, y) => [mul(dy, x1(y)), mul(dy, x0(y))],
  Div: (dy, y) => [div(dy, x1(y)), neg(div(mul(dy, y), x1(y)))],
  Pow: throughPow,
  Max: (dy, y) => throughBinaryExtreme(dy, y, greater),
  Min: (dy, y) => throughBinaryExtreme(dy, y, (a, b) => greater(b, a)),
  Neg: (dy) => [neg(dy)],
  Abs: along((x) => sign(x)),
  Sign: () => [null],
  Sqrt: (dy, y) => [scale(div(dy, y), 0.5)],
  Exp: (dy, y) => [mul(dy, y)],
  Log: (dy, y) => [div(dy, x0(y))],
  Sin: along((x) => cos(x)),
  Cos: along((x) => neg(sin(x))),
  Erf: along((x) => scale(exp(neg(square(x))), 2 / Math.sqrt(Math.PI))),
  Tanh: along((_, y) => sub(constant(1), square(y))),
  Sigmoid: along((_, y) => mul(y, sub(constant(1), y))),
  Softplus: along((x) => sigmoid(x)),
  Relu: along((x) => cast(greater(x, constant(0)), "float32")),
  Gelu: (dy, y) => [
    mul(
      dy,
      y.attributes.approximate === "tanh" ? tanhGeluDerivative(x0(y)) : geluDerivative(x0(y)),
    ),
  ],
  Floor: () => [null],
  Cast: (dy, y) => [
    x0(y).dtype === "float32" || x0(y).dtype === "float16" ? cast(dy, x0(y).dtype) : null,
  ],

  Equal: flat,
  Greater: flat,
  Not: () => [null],
  Where: (dy, y) => {
    const zero = fill(0, dy.shape);
    return [null, where(x0(y), dy, zero), where(not(x0(y)), dy, zero)];
  },

  MatMul: throughMatMul,
  Softmax: (dy, y) => {
    const inner = reduceSum(mul(dy, y), [y.attributes.axis], true);
    return [mul(y, sub(dy, inner))];
  },
  LogSoftmax: (dy, y) => [sub(dy, mul(exp(y), reduceSum(dy, [y.attributes.axis], true)))],
  LayerNormalization: throughLayerNormalization,

  ReduceSum: (dy, y) => [expand(reshape(dy, keptShape(x0(y), y.attributes.axes)), x0(y).shape)],
  ReduceMean: (dy, y) => {
    const kept = reshape(dy, keptShape(x0(y), y.attributes.axes));
    return [expand(div(kept, reducedCount(y)), x0(y).shape)];
  },
  ReduceMax: throughExtreme,
  ReduceMin: throughExtreme,
  ArgMax: () => [null],

  Reshape: (dy, y) => [reshape(dy, x0(y).shape)],
  Expand: (dy) => [dy], // the walk sums over the axes that were expanded
  Transpose: (dy, y) => [
    transpose(
      dy,
      y.attributes.perm.map((_, i) => y.attributes.perm.indexOf(i)),
    ),
  ],
  Concat: throughConcat,
  Slice: throughSlice,
  Pad: (dy, y) => {
    const { before, after } = y.attributes;
    if (typeof before !== "number") throw new Error("pad: no gradient past a symbolic length");
    const end = typeof after === "number" && after > 0 ? -after : null;
    const length = x0(y).shape[resolveAxis("pad", y.attributes.axis, y.shape.length)]!;
    const piece = slice(dy, y.attributes.axis, {
      start: before,
      end: typeof length === "number" ? before + length : end,
    });
    return [reshape(piece, x0(y).shape)];
  },
  Gather: throughGather,
  Rearrange: (dy, y) => {
    const { axis } = y.attributes;
    return [rearrange(dy, { indices: x2(y), inverse: x1(y), axis }), null, null];
  },
  GatherElements: throughGatherElements,
  GatherND: throughGatherND,
  ScatterElements: throughScatterElements,
  ScatterND: throughScatterND,
};
