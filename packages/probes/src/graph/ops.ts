/** @file Builders: one plain function per op, and the few compositions that everybody needs. */

import { type DType, type Node, node, type TensorData, type WeightSource } from "./node.ts";
import { type Dim, divide, type Shape, ShapeError, sizeOf } from "./shape.ts";

const none = {};

/** A value that is fed when the graph runs. */
export function input(name: string, shape: Shape, dtype: DType = "float32"): Node<"Input"> {
  return node("Input", [], { name, shape, dtype });
}

/** A value that never changes: a number is a float32 scalar; an array needs a shape, or is a vector. */
export function constant(
  value: number | TensorData,
  shape?: readonly number[],
  dtype?: DType,
): Node<"Constant"> {
  const data = typeof value === "number" ? Float32Array.of(value) : value;
  const dims = shape ?? (typeof value === "number" ? [] : [data.length]);
  return node("Constant", [], { data, shape: dims, dtype: dtype ?? dtypeOf(data) });
}

/** A weight used where it lies in a file; half precision is widened to float32. */
export function weight(
  name: string,
  source: WeightSource,
  { shape, dtype }: { readonly shape: readonly number[]; readonly dtype: DType },
): Node<"Weight"> {
  return node("Weight", [], { ...source, name, shape, dtype });
}

/** A tensor of one float32 value. */
export const fill = (value: number, shape: Shape) => node("Fill", [], { value, shape });

/** 0, 1, 2, ..., as many as a dimension is long; int32. */
export const range = (length: Dim) => node("Range", [], { length });

/** x, through which no gradient flows. */
export const stopGradient = (x: Node) => node("StopGradient", [x], none);

export const add = (a: Node, b: Node) => node("Add", [a, b], none);
export const sub = (a: Node, b: Node) => node("Sub", [a, b], none);
export const mul = (a: Node, b: Node) => node("Mul", [a, b], none);
export const div = (a: Node, b: Node) => node("Div", [a, b], none);
/** a^b; for constant exponents use `square` or `power`. */
export const pow = (a: Node, b: Node) => node("Pow", [a, b], none);
export const maximum = (a: Node, b: Node) => node("Max", [a, b], none);
export const minimum = (a: Node, b: Node) => node("Min", [a, b], none);
export const neg = (x: Node) => node("Neg", [x], none);
export const abs = (x: Node) => node("Abs", [x], none);
/** -1, 0 or 1. */
export const sign = (x: Node) => node("Sign", [x], none);
export const sqrt = (x: Node) => node("Sqrt", [x], none);
export const exp = (x: Node) => node("Exp", [x], none);
/** Natural logarithm. */
export const log = (x: Node) => node("Log", [x], none);
export const sin = (x: Node) => node("Sin", [x], none);
export const cos = (x: Node) => node("Cos", [x], none);
export const erf = (x: Node) => node("Erf", [x], none);
export const tanh = (x: Node) => node("Tanh", [x], none);
export const sigmoid = (x: Node) => node("Sigmoid", [x], none);
/** log(1 + e^x). */
export const softplus = (x: Node) => node("Softplus", [x], none);
export const relu = (x: Node) => node("Relu", [x], none);
/** x Φ(x), or its tanh approximation (GPT-2). */
export const gelu = (x: Node, approximate: "none" | "tanh" = "none") =>
  node("Gelu", [x], { approximate });
export const floor = (x: Node) => node("Floor", [x], none);
export const cast = (x: Node, to: DType) => (x.dtype === to ? x : node("Cast", [x], { to }));

export const equal = (a: Node, b: Node) => node("Equal", [a, b], none);
export const greater = (a: Node, b: Node) => node("Greater", [a, b], none);
export const not = (x: Node) => node("Not", [x], none);
/** a where the condition holds, else b. */
export const where = (condition: Node, a: Node, b: Node) => node("Where", [condition, a, b], none);

/** scale · op(a) op(b), op being the transpose of the last two axes where asked; batch axes broadcast. */
export const matMul = (
  a: Node,
  b: Node,
  { transposeA = false, transposeB = false, scale = 1 } = {},
) => node("MatMul", [a, b], { transposeA, transposeB, scale });

export const softmax = (x: Node, axis = -1) => node("Softmax", [x], { axis });
export const logSoftmax = (x: Node, axis = -1) => node("LogSoftmax", [x], { axis });

/** (x - mean) / sqrt(variance + epsilon) · scale + bias over the last axis. */
export const layerNormalization = (
  x: Node,
  { scale, bias, epsilon }: { readonly scale: Node; readonly bias: Node; readonly epsilon: number },
) => node("LayerNormalization", [x, scale, bias], { epsilon });

const allAxes = (x: Node) => x.shape.map((_, i) => i);
/** Sum over the axes (all of them by default). */
export const reduceSum = (x: Node, axes = allAxes(x), keepDims = false) =>
  node("ReduceSum", [x], { axes, keepDims });
export const reduceMean = (x: Node, axes = allAxes(x), keepDims = false) =>
  node("ReduceMean", [x], { axes, keepDims });
export const reduceMax = (x: Node, axes = allAxes(x), keepDims = false) =>
  node("ReduceMax", [x], { axes, keepDims });
export const reduceMin = (x: Node, axes = allAxes(x), keepDims = false) =>
  node("ReduceMin", [x], { axes, keepDims });
/** Index (int64) of the first maximum along an axis. */
export const argMax = (x: Node, axis = -1, keepDims = false) =>
  node("ArgMax", [x], { axis, keepDims });

/** The same elements in another shape; one dimension may be -1 and is then derived. */
export function reshape(x: Node, shape: Shape): Node {
  const open = shape.indexOf(-1);
  if (open < 0) return node("Reshape", [x], { shape });
  const rest = divide(sizeOf(x.shape), sizeOf(shape.filter((dim) => dim !== -1)));
  if (rest === null) {
    throw new ShapeError(
      `reshape: cannot derive -1 in [${shape.join(", ")}] from [${x.shape.join(", ")}]`,
    );
  }
  return node("Reshape", [x], { shape: shape.map((dim, i) => (i === open ? rest : dim)) });
}

export const expand = (x: Node, shape: Shape) => node("Expand", [x], { shape });
export const transpose = (x: Node, perm: readonly number[]) => node("Transpose", [x], { perm });
export const concat = (xs: readonly Node[], axis: number) => node("Concat", xs, { axis });

/** Elements start..end of an axis; null is the end, negative numbers count from it. */
export const slice = (
  x: Node,
  axis: number,
  { start = 0, end = null }: { readonly start?: number; readonly end?: number | null },
) => node("Slice", [x], { axis, start, end });

/** Zeros before and after along an axis. */
export const pad = (
  x: Node,
  axis: number,
  { before, after }: { readonly before: Dim; readonly after: Dim },
) => node("Pad", [x], { axis, before, after });

/** Pieces of the given sizes along an axis, in order. */
export function split(x: Node, sizes: readonly number[], axis: number): readonly Node[] {
  let start = 0;
  return sizes.map((size) => {
    const piece = slice(x, axis, { start, end: start + size });
    start += size;
    return piece;
  });
}

/** x[..., indices, ...] along one axis: an embedding look-up where axis is 0. */
export const gather = (x: Node, indices: Node, axis = 0) => node("Gather", [x, indices], { axis });
/**
 * x[..., indices, ...], of which `inverse` is the way back: what comes from `inverse` may be repeated
 * or left out only where neither value nor gradient matters. Its gradient is another look-up, where
 * that of `gather` adds up element by element.
 */
export const rearrange = (
  x: Node,
  {
    indices,
    inverse,
    axis,
  }: { readonly indices: Node; readonly inverse: Node; readonly axis: number },
) => node("Rearrange", [x, indices, inverse], { axis });
export const gatherElements = (x: Node, indices: Node, axis: number) =>
  node("GatherElements", [x, indices], { axis });
/** Slices of x at index tuples (the last axis of indices). */
export const gatherND = (x: Node, indices: Node, batchDims = 0) =>
  node("GatherND", [x, indices], { batchDims });
/** x with elements at `indices` along an axis set to (or increased by) the updates. */
export const scatterElements = (
  x: Node,
  {
    indices,
    updates,
    axis,
    reduction = "none",
  }: {
    readonly indices: Node;
    readonly updates: Node;
    readonly axis: number;
    readonly reduction?: "none" | "add";
  },
) => node("ScatterElements", [x, indices, updates], { axis, reduction });
/** x with slices at index tuples set to (or increased by) the updates. */
export const scatterND = (
  x: Node,
  {
    indices,
    updates,
    reduction = "none",
  }: {
    readonly indices: Node;
    readonly updates: Node;
    readonly reduction?: "none" | "add";
  },
) => node("ScatterND", [x, indices, updates], { reduction });

/** x · factor, for a plain number. */
export const scale = (x: Node, factor: number) => mul(x, constant(factor));
/** x + number. */
export const shift = (x: Node, offset: number) => add(x, constant(offset));
export const square = (x: Node) => mul(x, x);
/** x with an axis of length one put in. */
export const unsqueeze = (x: Node, axis: number) => {
  const i = axis < 0 ? axis + x.shape.length + 1 : axis;
  return reshape(x, [...x.shape.slice(0, i), 1, ...x.shape.slice(i)]);
};

function dtypeOf(data: TensorData): DType {
  if (data instanceof Float32Array) return "float32";
  if (data instanceof Float64Array) return "float64";
  if (data instanceof BigInt64Array) return "int64";
  if (data instanceof Int32Array) return "int32";
  if (data instanceof Uint16Array) return "float16";
  return "bool";
}
