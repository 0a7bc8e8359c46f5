/** @file The table of ops for tfjs: each op of a graph in the words of @tensorflow/tfjs-core. */

import type { DType, Kernel, KernelTable, Node, TensorData } from "@probegrid/probes/graph";
import * as tf from "@tensorflow/tfjs-core";
import { gatherElements, gatherND, scatterElements, scatterND, wrapIndices } from "./look-ups.ts";
import { readWeight } from "./read-weight.ts";

type Unary = (x: tf.Tensor) => tf.Tensor;
type Binary = (a: tf.Tensor, b: tf.Tensor) => tf.Tensor;

/** How tfjs holds a type: it has no int64, and no floats but float32. */
export function typeInTfjs(dtype: DType): "float32" | "int32" | "bool" {
  if (dtype === "bool") return "bool";
  return dtype === "int32" || dtype === "int64" ? "int32" : "float32";
}

/** Numbers as a tfjs tensor. Whole numbers beyond 32 bits are refused: they would be others. */
export function toTfjs(
  data: TensorData | Float32Array,
  shape: readonly number[],
  dtype: DType,
): tf.Tensor {
  const values =
    data instanceof BigInt64Array
      ? Int32Array.from(data, within32Bits)
      : data instanceof Float64Array
        ? Float32Array.from(data)
        : data;
  if (values instanceof Uint16Array) {
    throw new Error("tfjs: expected float32, got raw float16 values");
  }
  return tf.tensor(values, [...shape], typeInTfjs(dtype));
}

function within32Bits(value: bigint): number {
  const number = Number(value);
  if ((number | 0) === number) return number;
  throw new Error(`tfjs: expected whole numbers of 32 bits, got ${value}`);
}

const unary =
  (of: Unary): Kernel<tf.Tensor> =>
  (_, [x]) =>
    of(x!);
const binary =
  (of: Binary): Kernel<tf.Tensor> =>
  (_, [a, b]) =>
    of(a!, b!);

type ReduceOp = "ReduceSum" | "ReduceMean" | "ReduceMax" | "ReduceMin";
const reduce =
  (of: (x: tf.Tensor, axes: number[], keepDims: boolean) => tf.Tensor) =>
  (y: Node<ReduceOp>, [x]: readonly tf.Tensor[]): tf.Tensor => {
    const { axes, keepDims } = y.attributes;
    return axes.length === 0 ? x!.clone() : of(x!, [...axes], keepDims);
  };

/** Calls `of`, which knows the last axis only, on another one. */
function onLastAxis(x: tf.Tensor, axis: number, of: Unary): tf.Tensor {
  const last = x.rank - 1;
  const at = axis < 0 ? axis + x.rank : axis;
  if (at === last) return of(x);
  const perm = x.shape.map((_, i) => (i === at ? last : i === last ? at : i)); // its own inverse
  return tf.transpose(of(tf.transpose(x, perm)), perm);
}

/** As ONNX divides: whole numbers lose their fraction, where tfjs rounds down. */
function divide(a: tf.Tensor, b: tf.Tensor): tf.Tensor {
  if (a.dtype !== "int32") return tf.div(a, b);
  const sign = tf.mul(tf.sign(a), tf.sign(b));
  return tf.mul(sign, tf.floorDiv(tf.abs(a), tf.abs(b)));
}

function gelu(y: Node<"Gelu">, x: tf.Tensor): tf.Tensor {
  const inner =
    y.attributes.approximate === "tanh"
      ? tf.tanh(
          tf.mul(tf.add(x, tf.mul(tf.mul(tf.mul(x, x), x), 0.044715)), Math.sqrt(2 / Math.PI)),
        )
      : tf.erf(tf.mul(x, Math.SQRT1_2));
  return tf.mul(tf.mul(x, 0.5), tf.add(inner, 1));
}

/** max(x, 0) + log(1 + e^-|x|): log1p(e^x) alone overflows. */
const softplus: Unary = (x) => tf.add(tf.relu(x), tf.log1p(tf.exp(tf.neg(tf.abs(x)))));

function layerNormalization(
  y: Node<"LayerNormalization">,
  [x, gain, bias]: readonly tf.Tensor[],
): tf.Tensor {
  const centred = tf.sub(x!, tf.mean(x!, -1, true));
  const variance = tf.mean(tf.mul(centred, centred), -1, true);
  const normal = tf.div(centred, tf.sqrt(tf.add(variance, y.attributes.epsilon)));
  return tf.add(tf.mul(normal, gain!), bias!);
}

/** Both with the same batch axes: tfjs repeats a single matrix, and multiplies wrongly where both are repeated. */
function sameBatch(a: tf.Tensor, b: tf.Tensor): readonly [tf.Tensor, tf.Tensor] {
  const [batchA, batchB] = [a.shape.slice(0, -2), b.shape.slice(0, -2)];
  const count = (shape: readonly number[]): number => shape.reduce((x, y) => x * y, 1);
  if (count(batchA) === 1 || count(batchB) === 1 || batchA.join() === batchB.join()) return [a, b];
  const batch = tf.broadcast_util.assertAndGetBroadcastShape(batchA, batchB);
  const wide = (x: tf.Tensor): tf.Tensor => tf.broadcastTo(x, [...batch, ...x.shape.slice(-2)]);
  return [wide(a), wide(b)];
}

function matMul(y: Node<"MatMul">, [a, b]: readonly tf.Tensor[]): tf.Tensor {
  const { transposeA, transposeB, scale } = y.attributes;
  const [left, right] = sameBatch(a!, b!);
  const product = tf.matMul(left, right, transposeA, transposeB);
  return scale === 1 ? product : tf.mul(product, scale);
}

function slice(y: Node<"Slice">, x: tf.Tensor): tf.Tensor {
  const { axis, start, end } = y.attributes;
  const at = axis < 0 ? axis + x.rank : axis;
  const length = x.shape[at]!;
  const inside = (place: number): number =>
    Math.min(Math.max(place < 0 ? place + length : place, 0), length);
  const from = inside(start);
  const size = Math.max(0, (end === null ? length : inside(end)) - from);
  const begins = x.shape.map((_, i) => (i === at ? from : 0));
  return tf.slice(
    x,
    begins,
    x.shape.map((whole, i) => (i === at ? size : whole)),
  );
}

/** Total over the ops. float64 is computed in float32, and int64 in int32: tfjs has neither. */
export const tfjsKernels: KernelTable<tf.Tensor> = {
  Input: (y, _, run) => run.fed(y.attributes.name).clone(),
  Constant: ({ attributes: { data, shape, dtype } }) => toTfjs(data, shape, dtype),
  Weight: ({ attributes, dtype }) => toTfjs(readWeight(attributes), attributes.shape, dtype),
  Fill: ({ attributes: { value, shape } }, _, run) => tf.fill(run.shape(shape), value, "float32"),
  Range: ({ attributes: { length } }, _, run) => tf.range(0, run.dim(length), 1, "int32"),
  StopGradient: unary((x) => x.clone()),

  Add: binary(tf.add),
  Sub: binary(tf.sub),
  Mul: binary(tf.mul),
  Div: binary(divide),
  Pow: binary(tf.pow),
  Max: binary(tf.maximum),
  Min: binary(tf.minimum),
  Neg: unary(tf.neg),
  Abs: unary(tf.abs),
  Sign: unary(tf.sign),
  Sqrt: unary(tf.sqrt),
  Exp: unary(tf.exp),
  Log: unary(tf.log),
  Sin: unary(tf.sin),
  Cos: unary(tf.cos),
  Erf: unary(tf.erf),
  Tanh: unary(tf.tanh),
  Sigmoid: unary(tf.sigmoid),
  Softplus: unary(softplus),
  Relu: unary(tf.relu),
  Gelu: (y, [x]) => gelu(y, x!),
  Floor: unary(tf.floor),
  Cast: (y, [x]) => tf.cast(x!, typeInTfjs(y.attributes.to)),

  Equal: binary(tf.equal),
  Greater: binary(tf.greater),
  Not: unary(tf.logicalNot),
  Where: (_, [condition, a, b]) => tf.where(condition!, a!, b!),

  MatMul: matMul,
  Softmax: (y, [x]) => onLastAxis(x!, y.attributes.axis, tf.softmax),
  LogSoftmax: (y, [x]) => onLastAxis(x!, y.attributes.axis, tf.logSoftmax),
  LayerNormalization: layerNormalization,

  ReduceSum: reduce(tf.sum),
  ReduceMean: reduce(tf.mean),
  ReduceMax: reduce(tf.max),
  ReduceMin: reduce(tf.min),
  ArgMax: (y, [x]) => {
    const found = tf.argMax(x!, y.attributes.axis);
    return y.attributes.keepDims ? tf.expandDims(found, y.attributes.axis) : found;
  },

  Reshape: (y, [x], run) => tf.reshape(x!, run.shape(y.shape)),
  Expand: (y, [x], run) => tf.broadcastTo(x!, run.shape(y.shape)),
  Transpose: (y, [x]) => tf.transpose(x!, [...y.attributes.perm]),
  Concat: (y, inputs) => tf.concat([...inputs], y.attributes.axis),
  Slice: (y, [x]) => slice(y, x!),
  Pad: (y, [x], run) => {
    const { axis, before, after } = y.attributes;
    const at = axis < 0 ? axis + x!.rank : axis;
    const margins: [number, number] = [run.dim(before), run.dim(after)];
    return tf.pad(
      x!,
      x!.shape.map((_, i): [number, number] => (i === at ? margins : [0, 0])),
    );
  },
  Gather: (y, [x, indices]) =>
    tf.gather(x!, wrapIndices(indices!, x!.shape.at(y.attributes.axis) ?? 1), y.attributes.axis),
  Rearrange: (y, [x, indices]) =>
    tf.gather(x!, wrapIndices(indices!, x!.shape.at(y.attributes.axis) ?? 1), y.attributes.axis),
  GatherElements: (y, [x, indices]) => gatherElements(x!, indices!, y.attributes.axis),
  GatherND: (y, [x, indices]) => gatherND(x!, indices!, y.attributes.batchDims),
  ScatterElements: (y, [x, indices, updates]) =>
    scatterElements([x!, indices!, updates!], y.attributes),
  ScatterND: (y, [x, indices, updates]) => scatterND([x!, indices!, updates!], y.attributes),
};
