/** @file What each op returns: shape and type from its inputs, checked when a node is built. */

import type { Attributes, DType, Node, Op } from "./node.ts";
import {
  broadcast,
  type Dim,
  formatShape,
  plus,
  resolveAxis,
  type Shape,
  ShapeError,
  sizeOf,
} from "./shape.ts";

type Typed = { readonly shape: Shape; readonly dtype: DType };
type ShapeRule<K extends Op> = (inputs: readonly Node[], attributes: Attributes[K]) => Typed;

const floats: readonly DType[] = ["float32", "float64", "float16"];

function at(inputs: readonly Node[], index: number, where: string): Node {
  const value = inputs[index];
  if (value === undefined) throw new ShapeError(`${where}: input ${index} is missing`);
  return value;
}

function expectFloat(where: string, value: Node): void {
  if (!floats.includes(value.dtype)) {
    throw new ShapeError(`${where}: expected ${floats.join(", ")}, got ${value.dtype}`);
  }
}

/** One floating-point input, same shape out. */
function unary(where: string) {
  return (inputs: readonly Node[]): Typed => {
    const x = at(inputs, 0, where);
    expectFloat(where, x);
    return { shape: x.shape, dtype: x.dtype };
  };
}

/** Two inputs of one type, broadcast. */
function binary(where: string, result?: DType) {
  return (inputs: readonly Node[]): Typed => {
    const a = at(inputs, 0, where);
    const b = at(inputs, 1, where);
    if (a.dtype !== b.dtype) {
      throw new ShapeError(`${where}: types differ, got ${a.dtype} and ${b.dtype}`);
    }
    return { shape: broadcast(where, a.shape, b.shape), dtype: result ?? a.dtype };
  };
}

function overAxis(where: string) {
  return (inputs: readonly Node[], { axis }: { readonly axis: number }): Typed => {
    const x = at(inputs, 0, where);
    expectFloat(where, x);
    resolveAxis(where, axis, x.shape.length);
    return { shape: x.shape, dtype: x.dtype };
  };
}

function reduction(where: string) {
  return (
    inputs: readonly Node[],
    { axes, keepDims }: { readonly axes: readonly number[]; readonly keepDims: boolean },
  ): Typed => {
    const x = at(inputs, 0, where);
    const reduced = new Set(axes.map((axis) => resolveAxis(where, axis, x.shape.length)));
    const shape = x.shape.flatMap((dim, i) => (reduced.has(i) ? (keepDims ? [1] : []) : [dim]));
    return { shape, dtype: x.dtype };
  };
}

function matMulShape(inputs: readonly Node[], { transposeA, transposeB }: Attributes["MatMul"]) {
  const a = at(inputs, 0, "matMul");
  const b = at(inputs, 1, "matMul");
  expectFloat("matMul", a);
  if (a.dtype !== b.dtype) {
    throw new ShapeError(`matMul: types differ, got ${a.dtype} and ${b.dtype}`);
  }
  if (a.shape.length < 2 || b.shape.length < 2) {
    throw new ShapeError(
      `matMul: expected matrices, got ${formatShape(a.shape)} and ${formatShape(b.shape)}`,
    );
  }
  const [rowsA, columnsA] = a.shape.slice(-2) as [Dim, Dim];
  const [rowsB, columnsB] = b.shape.slice(-2) as [Dim, Dim];
  const [m, inner] = transposeA ? [columnsA, rowsA] : [rowsA, columnsA];
  const [other, n] = transposeB ? [columnsB, rowsB] : [rowsB, columnsB];
  if (inner !== other) {
    throw new ShapeError(
      `matMul: inner dimensions differ, got ${formatShape(a.shape)}${transposeA ? " transposed" : ""}` +
        ` and ${formatShape(b.shape)}${transposeB ? " transposed" : ""}`,
    );
  }
  const batch = broadcast("matMul", a.shape.slice(0, -2), b.shape.slice(0, -2));
  return { shape: [...batch, m, n], dtype: a.dtype };
}

function sliceLength(dim: Dim, start: number, end: number | null): Dim {
  if (typeof dim === "number") {
    const from = start < 0 ? start + dim : start;
    const to = end === null ? dim : end < 0 ? end + dim : Math.min(end, dim);
    if (from < 0 || from > to) {
      throw new ShapeError(`slice: expected a range inside 0..${dim}, got ${start}..${end}`);
    }
    return to - from;
  }
  if (end === null) return start < 0 ? -start : plus(dim, -start);
  if ((start < 0 && end < 0) || (start >= 0 && end >= 0)) return end - start;
  return plus(dim, end - start);
}

/** Total over the ops: deleting a row does not compile. */
export const shapeRules: { readonly [K in Op]: ShapeRule<K> } = {
  Input: (_, { shape, dtype }) => ({ shape, dtype }),
  Constant: (_, { data, shape, dtype }) => {
    if (sizeOf(shape) !== data.length) {
      throw new ShapeError(
        `constant: expected ${sizeOf(shape)} elements for ${formatShape(shape)}, got ${data.length}`,
      );
    }
    return { shape, dtype };
  },
  // Stored in half precision, computed in single: the cast is folded when the session loads.
  Weight: (_, { shape, dtype }) => ({
    shape,
    dtype: dtype === "float16" || dtype === "bfloat16" ? "float32" : dtype,
  }),
  Fill: (_, { shape }) => ({ shape, dtype: "float32" }),
  Range: (_, { length }) => ({ shape: [length], dtype: "int32" }),
  StopGradient: (inputs) => at(inputs, 0, "stopGradient"),

  Add: binary("add"),
  Sub: binary("sub"),
  Mul: binary("mul"),
  Div: binary("div"),
  Pow: binary("pow"),
  Max: binary("maximum"),
  Min: binary("minimum"),
  Neg: unary("neg"),
  Abs: unary("abs"),
  Sign: unary("sign"),
  Sqrt: unary("sqrt"),
  Exp: unary("exp"),
  Log: unary("log"),
  Sin: unary("sin"),
  Cos: unary("cos"),
  Erf: unary("erf"),
  Tanh: unary("tanh"),
  Sigmoid: unary("sigmoid"),
  Softplus: unary("softplus"),
  Relu: unary("relu"),
  Gelu: unary("gelu"),
  Floor: unary("floor"),
  Cast: (inputs, { to }) => ({ shape: at(inputs, 0, "cast").shape, dtype: to }),

  Equal: binary("equal", "bool"),
  Greater: binary("greater", "bool"),
  Not: (inputs) => ({ shape: at(inputs, 0, "not").shape, dtype: "bool" }),
  Where: (inputs) => {
    const condition = at(inputs, 0, "where");
    const a = at(inputs, 1, "where");
    const b = at(inputs, 2, "where");
    if (condition.dtype !== "bool") {
      throw new ShapeError(`where: expected a bool condition, got ${condition.dtype}`);
    }
    if (a.dtype !== b.dtype) {
      throw new ShapeError(`where: types differ, got ${a.dtype} and ${b.dtype}`);
    }
    const shape = broadcast("where", condition.shape, broadcast("where", a.shape, b.shape));
    return { shape, dtype: a.dtype };
  },

  MatMul: matMulShape,
  Softmax: overAxis("softmax"),
  LogSoftmax: overAxis("logSoftmax"),
  LayerNormalization: (inputs) => {
    const x = at(inputs, 0, "layerNormalization");
    expectFloat("layerNormalization", x);
    const width = x.shape[x.shape.length - 1];
    for (const parameter of inputs.slice(1)) {
      if (parameter.shape.length !== 1 || parameter.shape[0] !== width) {
        throw new ShapeError(
          `layerNormalization: expected scale and bias of shape [${width}], got ${formatShape(parameter.shape)}`,
        );
      }
    }
    return { shape: x.shape, dtype: x.dtype };
  },

  ReduceSum: reduction("reduceSum"),
  ReduceMean: reduction("reduceMean"),
  ReduceMax: reduction("reduceMax"),
  ReduceMin: reduction("reduceMin"),
  ArgMax: (inputs, { axis, keepDims }) => ({
    ...reduction("argMax")(inputs, { axes: [axis], keepDims }),
    dtype: "int64",
  }),

  Reshape: (inputs, { shape }) => {
    const x = at(inputs, 0, "reshape");
    if (sizeOf(x.shape) !== sizeOf(shape)) {
      throw new ShapeError(
        `reshape: sizes differ, got ${formatShape(x.shape)} for ${formatShape(shape)}`,
      );
    }
    return { shape, dtype: x.dtype };
  },
  Expand: (inputs, { shape }) => {
    const x = at(inputs, 0, "expand");
    const wide = broadcast("expand", x.shape, shape);
    if (wide.length !== shape.length || wide.some((dim, i) => dim !== shape[i])) {
      throw new ShapeError(
        `expand: expected a shape that broadcasts to ${formatShape(shape)}, got ${formatShape(x.shape)}`,
      );
    }
    return { shape, dtype: x.dtype };
  },
  Transpose: (inputs, { perm }) => {
    const x = at(inputs, 0, "transpose");
    if ([...perm].sort((a, b) => a - b).some((axis, i) => axis !== i)) {
      throw new ShapeError(`transpose: expected a permutation, got ${formatShape(perm)}`);
    }
    if (perm.length !== x.shape.length) {
      throw new ShapeError(
        `transpose: expected ${x.shape.length} axes for ${formatShape(x.shape)}, got ${formatShape(perm)}`,
      );
    }
    return { shape: perm.map((axis) => x.shape[axis]!), dtype: x.dtype };
  },
  Concat: (inputs, { axis }) => {
    const first = at(inputs, 0, "concat");
    const along = resolveAxis("concat", axis, first.shape.length);
    for (const other of inputs) {
      const fits =
        other.shape.length === first.shape.length &&
        other.dtype === first.dtype &&
        other.shape.every((dim, i) => i === along || dim === first.shape[i]);
      if (!fits) {
        throw new ShapeError(
          `concat: expected like ${formatShape(first.shape)} but for axis ${along}, got ${formatShape(other.shape)}`,
        );
      }
    }
    const total = inputs.map((x) => x.shape[along]!).reduce(plus);
    return { shape: first.shape.map((dim, i) => (i === along ? total : dim)), dtype: first.dtype };
  },
  Slice: (inputs, { axis, start, end }) => {
    const x = at(inputs, 0, "slice");
    const along = resolveAxis("slice", axis, x.shape.length);
    const length = sliceLength(x.shape[along]!, start, end);
    return { shape: x.shape.map((dim, i) => (i === along ? length : dim)), dtype: x.dtype };
  },
  Pad: (inputs, { axis, before, after }) => {
    const x = at(inputs, 0, "pad");
    const along = resolveAxis("pad", axis, x.shape.length);
    const shape = x.shape.map((dim, i) => (i === along ? plus(plus(before, dim), after) : dim));
    return { shape, dtype: x.dtype };
  },
  Gather: (inputs, { axis }) => {
    const x = at(inputs, 0, "gather");
    const indices = at(inputs, 1, "gather");
    expectIndices("gather", indices);
    const along = resolveAxis("gather", axis, x.shape.length);
    const shape = [...x.shape.slice(0, along), ...indices.shape, ...x.shape.slice(along + 1)];
    return { shape, dtype: x.dtype };
  },
  Rearrange: (inputs, { axis }) => {
    const x = at(inputs, 0, "rearrange");
    const indices = at(inputs, 1, "rearrange");
    expectIndices("rearrange", indices);
    expectIndices("rearrange", at(inputs, 2, "rearrange"));
    const along = resolveAxis("rearrange", axis, x.shape.length);
    const shape = x.shape.map((dim, i) => (i === along ? indices.shape[0]! : dim));
    return { shape, dtype: x.dtype };
  },
  GatherElements: (inputs, { axis }) => {
    const x = at(inputs, 0, "gatherElements");
    const indices = at(inputs, 1, "gatherElements");
    expectIndices("gatherElements", indices);
    resolveAxis("gatherElements", axis, x.shape.length);
    return { shape: indices.shape, dtype: x.dtype };
  },
  GatherND: (inputs, { batchDims }) => {
    const x = at(inputs, 0, "gatherND");
    const indices = at(inputs, 1, "gatherND");
    expectIndices("gatherND", indices);
    const depth = indices.shape[indices.shape.length - 1];
    if (typeof depth !== "number" || depth + batchDims > x.shape.length) {
      throw new ShapeError(
        `gatherND: expected index tuples of at most ${x.shape.length - batchDims}, got ${formatShape(indices.shape)}`,
      );
    }
    return {
      shape: [...indices.shape.slice(0, -1), ...x.shape.slice(batchDims + depth)],
      dtype: x.dtype,
    };
  },
  ScatterElements: (inputs, { axis }) => {
    const x = at(inputs, 0, "scatterElements");
    expectIndices("scatterElements", at(inputs, 1, "scatterElements"));
    resolveAxis("scatterElements", axis, x.shape.length);
    return { shape: x.shape, dtype: x.dtype };
  },
  ScatterND: (inputs) => {
    const x = at(inputs, 0, "scatterND");
    expectIndices("scatterND", at(inputs, 1, "scatterND"));
    return { shape: x.shape, dtype: x.dtype };
  },
};

function expectIndices(where: string, indices: Node): void {
  if (indices.dtype !== "int64" && indices.dtype !== "int32") {
    throw new ShapeError(`${where}: expected int64 indices, got ${indices.dtype}`);
  }
}
