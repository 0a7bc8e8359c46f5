/** @file A node: one symbolic value, frozen, with its op, inputs, attributes, shape and type. */

import type { Dim, Shape } from "./shape.ts";
import { shapeRules } from "./shape-rules.ts";

/**
 * Element types; "float16" and "bfloat16" occur in stored weights and on GPUs, "float64" in the sums of
 * closed-form classifiers, on the CPU only.
 */
export type DType = "float32" | "float64" | "float16" | "bfloat16" | "int64" | "int32" | "bool";

/** Data of a constant or a fed tensor; bool is one byte each. */
export type TensorData =
  | Float32Array
  | Float64Array
  | BigInt64Array
  | Int32Array
  | Uint8Array
  | Uint16Array;

/** Where a stored weight lies: bytes [offset, offset + bytes) of `file` inside `folder`. */
export type WeightSource = {
  readonly folder: string;
  readonly file: string;
  readonly offset: number;
  readonly bytes: number;
};

type None = Record<never, never>;
type Axis = { readonly axis: number };
type Reduce = { readonly axes: readonly number[]; readonly keepDims: boolean };

/** Every op with its attributes. Ops are ONNX ops except the four leaves, StopGradient and Rearrange. */
export interface Attributes {
  Input: { readonly name: string; readonly shape: Shape; readonly dtype: DType };
  Constant: { readonly data: TensorData; readonly shape: readonly number[]; readonly dtype: DType };
  Weight: WeightSource & {
    readonly name: string;
    readonly shape: readonly number[];
    readonly dtype: DType;
  };
  Fill: { readonly value: number; readonly shape: Shape };
  Range: { readonly length: Dim };
  StopGradient: None;

  Add: None;
  Sub: None;
  Mul: None;
  Div: None;
  Pow: None;
  Max: None;
  Min: None;
  Neg: None;
  Abs: None;
  Sign: None;
  Sqrt: None;
  Exp: None;
  Log: None;
  Sin: None;
  Cos: None;
  Erf: None;
  Tanh: None;
  Sigmoid: None;
  Softplus: None;
  Relu: None;
  Gelu: { readonly approximate: "none" | "tanh" };
  Floor: None;
  Cast: { readonly to: DType };

  Equal: None;
  Greater: None;
  Not: None;
  Where: None;

  MatMul: { readonly transposeA: boolean; readonly transposeB: boolean; readonly scale: number };
  Softmax: Axis;
  LogSoftmax: Axis;
  LayerNormalization: { readonly epsilon: number };

  ReduceSum: Reduce;
  ReduceMean: Reduce;
  ReduceMax: Reduce;
  ReduceMin: Reduce;
  ArgMax: Axis & { readonly keepDims: boolean };

  Reshape: { readonly shape: Shape };
  Expand: { readonly shape: Shape };
  Transpose: { readonly perm: readonly number[] };
  Concat: Axis;
  Slice: Axis & { readonly start: number; readonly end: number | null };
  Pad: Axis & { readonly before: Dim; readonly after: Dim };
  Gather: Axis;
  Rearrange: Axis;
  GatherElements: Axis;
  GatherND: { readonly batchDims: number };
  ScatterElements: Axis & { readonly reduction: "none" | "add" };
  ScatterND: { readonly reduction: "none" | "add" };
}

export type Op = keyof Attributes;

/** One value of a graph. Two nodes are the same value only if they are the same object. */
export type Node<K extends Op = Op> = {
  readonly op: K;
  readonly inputs: readonly Node[];
  readonly attributes: Attributes[K];
  readonly shape: Shape;
  readonly dtype: DType;
};

/** Builds a node; its shape and type come from the op's shape rule, which checks the inputs. */
export function node<K extends Op>(
  op: K,
  inputs: readonly Node[],
  attributes: Attributes[K],
): Node<K> {
  const { shape, dtype } = shapeRules[op](inputs, attributes);
  return Object.freeze({ op, inputs, attributes, shape, dtype });
}

/** Narrows a node to an op, for walks that read its attributes. */
export function isOp<K extends Op>(value: Node, op: K): value is Node<K> {
  return value.op === op;
}

/** Every node that the given ones depend on, inputs before users. */
export function topologicalOrder(roots: readonly Node[]): readonly Node[] {
  const order: Node[] = [];
  const seen = new Set<Node>();
  const stack: { value: Node; next: number }[] = [];
  for (const root of roots) {
    if (seen.has(root)) continue;
    seen.add(root);
    stack.push({ value: root, next: 0 });
    while (stack.length > 0) {
      const top = stack[stack.length - 1]!;
      const child = top.value.inputs[top.next];
      if (child === undefined) {
        order.push(top.value);
        stack.pop();
        continue;
      }
      top.next += 1;
      if (seen.has(child)) continue;
      seen.add(child);
      stack.push({ value: child, next: 0 });
    }
  }
  return order;
}
