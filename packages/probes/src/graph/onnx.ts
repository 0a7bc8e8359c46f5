/** @file Emission: a graph of nodes becomes the bytes of an ONNX model. */

import { type DType, isOp, type Node, type Op, topologicalOrder } from "./node.ts";
import {
  type AttributeMessage,
  attributeType,
  encodeModel,
  type NodeMessage,
  type TensorMessage,
  type ValueMessage,
} from "./onnx-proto.ts";
import { type Dim, resolveAxis, type Shape, terms } from "./shape.ts";

/** TensorProto.DataType. */
const elementType: { readonly [D in DType]: number } = {
  float32: 1,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  float64: 11,
  bfloat16: 16,
};

/** Ops of ONNX Runtime that the ONNX standard does not have. */
const runtimeOps: ReadonlySet<string> = new Set(["FusedMatMul"]);

/** A model ready to run: its bytes, what it is fed, and the folder its weights lie in. */
export type EmittedModel = {
  readonly bytes: Uint8Array;
  readonly inputs: readonly Node<"Input">[];
  /** Folder of the weights used in place, null where there are none. */
  readonly folder: string | null;
};

type Emitter<K extends Op> = (to: Writer, y: Node<K>, inputs: readonly string[]) => string;

const int = (name: string, i: number): AttributeMessage => ({ name, type: attributeType.int, i });
const float = (name: string, f: number): AttributeMessage => ({
  name,
  type: attributeType.float,
  f,
});
const ints = (name: string, values: readonly number[]): AttributeMessage => ({
  name,
  type: attributeType.ints,
  ints: values,
});
const text = (name: string, s: string): AttributeMessage => ({
  name,
  type: attributeType.string,
  s: new TextEncoder().encode(s),
});

/** The ONNX op of the same name, without attributes. */
const plain = <K extends Op>(to: Writer, y: Node<K>, inputs: readonly string[]) =>
  to.node(y.op, inputs);

const withAxis = <K extends "Softmax" | "LogSoftmax" | "Concat" | "Gather" | "GatherElements">(
  to: Writer,
  y: Node<K>,
  inputs: readonly string[],
) => to.node(y.op, inputs, [int("axis", y.attributes.axis)]);

const reduce = <K extends "ReduceSum" | "ReduceMean" | "ReduceMax" | "ReduceMin">(
  to: Writer,
  y: Node<K>,
  inputs: readonly string[],
) => {
  const { axes, keepDims } = y.attributes;
  if (axes.length === 0) return to.node("Identity", inputs);
  return to.node(y.op, [...inputs, to.int64s(axes)], [int("keepdims", keepDims ? 1 : 0)]);
};

/** Total over the ops: deleting a row does not compile. */
const emitters: { readonly [K in Op]: Emitter<K> } = {
  Input: (_, y) => y.attributes.name,
  Constant: (to, y) => to.constant(y),
  Weight: (to, y) => to.weight(y),
  Fill: (to, y) => {
    const value = Float32Array.of(y.attributes.value);
    const filler = to.tensor({ dims: [1], dataType: elementType.float32, rawData: bytesOf(value) });
    const t = { name: "value", type: attributeType.tensor, t: filler };
    return to.node("ConstantOfShape", [to.shape(y.attributes.shape)], [t]);
  },
  Range: (to, y) => {
    const limits = [to.int64s([0]), to.shape([y.attributes.length]), to.int64s([1])];
    const [start, end, step] = limits.map((limit) =>
      to.node("Squeeze", [to.node("Cast", [limit], [int("to", elementType.int32)])]),
    );
    return to.node("Range", [start!, end!, step!]);
  },
  StopGradient: (to, _, inputs) => to.node("Identity", inputs),

  Add: plain,
  Sub: plain,
  Mul: plain,
  Div: plain,
  Pow: plain,
  Max: plain,
  Min: plain,
  Neg: plain,
  Abs: plain,
  Sign: plain,
  Sqrt: plain,
  Exp: plain,
  Log: plain,
  Sin: plain,
  Cos: plain,
  Erf: plain,
  Tanh: plain,
  Sigmoid: plain,
  Softplus: plain,
  Relu: plain,
  Gelu: (to, y, inputs) => to.node("Gelu", inputs, [text("approximate", y.attributes.approximate)]),
  Floor: plain,
  Cast: (to, y, inputs) => to.node("Cast", inputs, [int("to", elementType[y.attributes.to])]),

  Equal: plain,
  Greater: plain,
  Not: plain,
  Where: plain,

  MatMul: (to, y, inputs) => {
    const { transposeA, transposeB, scale } = y.attributes;
    if (!transposeA && !transposeB && scale === 1) return to.node("MatMul", inputs);
    const attributes = [
      int("transA", transposeA ? 1 : 0),
      int("transB", transposeB ? 1 : 0),
      float("alpha", scale),
    ];
    return to.node("FusedMatMul", inputs, attributes);
  },
  Softmax: withAxis,
  LogSoftmax: withAxis,
  LayerNormalization: (to, y, inputs) =>
    to.node("LayerNormalization", inputs, [
      int("axis", -1),
      float("epsilon", y.attributes.epsilon),
    ]),

  ReduceSum: reduce,
  ReduceMean: reduce,
  ReduceMax: reduce,
  ReduceMin: reduce,
  ArgMax: (to, y, inputs) =>
    to.node("ArgMax", inputs, [
      int("axis", y.attributes.axis),
      int("keepdims", y.attributes.keepDims ? 1 : 0),
    ]),

  Reshape: (to, y, inputs) => {
    const target = inferable(y.inputs[0]!.shape, y.attributes.shape);
    return to.node("Reshape", [inputs[0]!, target ? to.int64s(target) : to.shape(y.shape)]);
  },
  Expand: (to, y, inputs) => to.node("Expand", [inputs[0]!, to.shape(y.shape)]),
  Transpose: (to, y, inputs) => to.node("Transpose", inputs, [ints("perm", y.attributes.perm)]),
  Concat: withAxis,
  Slice: (to, y, inputs) => {
    const { axis, start, end } = y.attributes;
    const limits = [start, end ?? Number.MAX_SAFE_INTEGER, axis].map((n) => to.int64s([n]));
    return to.node("Slice", [...inputs, ...limits]);
  },
  Pad: (to, y, inputs) => {
    const { before, after } = y.attributes;
    const axis = resolveAxis("pad", y.attributes.axis, y.shape.length);
    const at = (dim: Dim) => y.shape.map((_, i) => (i === axis ? dim : 0));
    return to.node("Pad", [...inputs, to.shape([...at(before), ...at(after)])]);
  },
  Gather: withAxis,
  Rearrange: (to, y, [x, indices]) =>
    to.node("Gather", [x!, indices!], [int("axis", y.attributes.axis)]),
  GatherElements: withAxis,
  GatherND: (to, y, inputs) =>
    to.node("GatherND", inputs, [int("batch_dims", y.attributes.batchDims)]),
  ScatterElements: (to, y, inputs) =>
    to.node("ScatterElements", inputs, [
      int("axis", y.attributes.axis),
      text("reduction", y.attributes.reduction),
    ]),
  ScatterND: (to, y, inputs) =>
    to.node("ScatterND", inputs, [text("reduction", y.attributes.reduction)]),
};

/** Emits the graph that computes the named outputs. */
export function emit(outputs: Readonly<Record<string, Node>>): EmittedModel {
  const to = new Writer(topologicalOrder(Object.values(outputs)));
  for (const value of to.order) to.names.set(value, to.emit(value));
  for (const [name, value] of Object.entries(outputs)) {
    to.nodes.push(message("Identity", [to.names.get(value)!], { output: name }));
  }
  const graph = {
    name: "probegrid",
    node: to.nodes,
    initializer: to.initializers,
    input: to.inputs.map((y) => valueInfo(y.attributes.name, y)),
    output: Object.entries(outputs).map(([name, value]) => valueInfo(name, value)),
  };
  return { bytes: encodeModel(graph), inputs: to.inputs, folder: to.folder };
}

/** Collects nodes and initializers; gives every value a name. */
class Writer {
  readonly order: readonly Node[];
  readonly nodes: NodeMessage[] = [];
  readonly initializers: TensorMessage[] = [];
  readonly inputs: Node<"Input">[] = [];
  readonly names = new Map<Node, string>();
  folder: string | null = null;
  readonly #shared = new Map<string, string>();

  constructor(order: readonly Node[]) {
    this.order = order;
    const byName = new Map<string, Node>();
    for (const value of order) {
      if (!isOp(value, "Input")) continue;
      const { name } = value.attributes;
      if (byName.has(name)) throw new Error(`emit: two inputs are called "${name}"`);
      byName.set(name, value);
      this.inputs.push(value);
    }
  }

  emit<K extends Op>(value: Node<K>): string {
    const emitter = emitters[value.op] as unknown as Emitter<K>;
    return emitter(
      this,
      value,
      value.inputs.map((parent) => this.names.get(parent)!),
    );
  }

  /** Adds a node with one output; returns the output's name. */
  node(
    opType: string,
    inputs: readonly string[],
    attribute: readonly AttributeMessage[] = [],
  ): string {
    const output = `v${this.nodes.length}_${opType}`;
    this.nodes.push(message(opType, inputs, { output, attribute }));
    return output;
  }

  tensor(parts: Omit<TensorMessage, "name">): TensorMessage {
    return { ...parts, name: `c${this.initializers.length}` };
  }

  #initializer(parts: Omit<TensorMessage, "name">): string {
    const made = this.tensor(parts);
    this.initializers.push(made);
    return made.name;
  }

  constant(y: Node<"Constant">): string {
    const { data, shape, dtype } = y.attributes;
    return this.#initializer({
      dims: shape,
      dataType: elementType[dtype],
      rawData: bytesOf(data),
    });
  }

  /** An int64 vector, shared between equal ones. */
  int64s(values: readonly number[]): string {
    return this.#once(`int64 ${values.join(" ")}`, () =>
      this.#initializer({
        dims: [values.length],
        dataType: elementType.int64,
        rawData: bytesOf(BigInt64Array.from(values, BigInt)),
      }),
    );
  }

  weight(y: Node<"Weight">): string {
    const { name, shape, dtype, folder, file, offset, bytes } = y.attributes;
    if (this.folder !== null && this.folder !== folder) {
      throw new Error(
        `emit: weights of one graph lie in one folder, got ${this.folder} and ${folder}`,
      );
    }
    this.folder = folder;
    return this.#once(`weight ${file} ${offset} ${name}`, () => {
      const stored = {
        dims: shape,
        dataType: elementType[dtype],
        name,
        dataLocation: 1,
        externalData: [
          { key: "location", value: file },
          { key: "offset", value: String(offset) },
          { key: "length", value: String(bytes) },
        ],
      };
      this.initializers.push(stored);
      return dtype === y.dtype
        ? name
        : this.node("Cast", [name], [int("to", elementType[y.dtype])]);
    });
  }

  /** A one-dimensional int64 tensor holding a shape, computed where it has symbols. */
  shape(shape: Shape): string {
    if (shape.every((dim) => typeof dim === "number")) return this.int64s(shape);
    return this.#once(`shape ${shape.join(" ")}`, () =>
      this.node(
        "Concat",
        shape.map((dim) => this.#dim(dim)),
        [int("axis", 0)],
      ),
    );
  }

  /** A dimension as an int64 tensor of length one. */
  #dim(dim: Dim): string {
    if (typeof dim === "number") return this.int64s([dim]);
    return this.#once(`dim ${dim}`, () => {
      const products = terms(dim).map(({ coefficient, symbols }) =>
        symbols
          .map((symbol) => this.#symbol(symbol))
          .concat(coefficient === 1 && symbols.length > 0 ? [] : [this.int64s([coefficient])])
          .reduce((a, b) => this.node("Mul", [a, b])),
      );
      return products.reduce((a, b) => this.node("Add", [a, b]));
    });
  }

  /** The value of a symbol, read off an input that has it as an axis. */
  #symbol(symbol: string): string {
    return this.#once(`symbol ${symbol}`, () => {
      const source = this.inputs.find((y) => y.shape.includes(symbol));
      if (source === undefined) throw new Error(`emit: no input has an axis "${symbol}"`);
      const shape = this.node("Shape", [source.attributes.name]);
      return this.node("Gather", [shape, this.int64s([source.shape.indexOf(symbol)])]);
    });
  }

  #once(key: string, make: () => string): string {
    const known = this.#shared.get(key);
    if (known !== undefined) return known;
    const made = make();
    this.#shared.set(key, made);
    return made;
  }
}

function message(
  opType: string,
  input: readonly string[],
  {
    output,
    attribute = [],
  }: { readonly output: string; readonly attribute?: readonly AttributeMessage[] },
): NodeMessage {
  const domain = runtimeOps.has(opType) ? "com.microsoft" : "";
  return { opType, input, output: [output], name: output, domain, attribute };
}

function valueInfo(name: string, y: Node): ValueMessage {
  const dim = y.shape.map((d) => (typeof d === "number" ? { dimValue: d } : { dimParam: d }));
  return { name, type: { tensorType: { elemType: elementType[y.dtype], shape: { dim } } } };
}

const bytesOf = (data: ArrayBufferView): Uint8Array =>
  new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

/**
 * A reshape target without symbols: 0 keeps the input's axis, one -1 is inferred. Null where the
 * target has more unknowns than that.
 */
function inferable(from: Shape, target: Shape): readonly number[] | null {
  const dims = target.map((dim, i) => (typeof dim === "number" ? dim : dim === from[i] ? 0 : -1));
  const open = dims.filter((dim) => dim === -1).length;
  if (open > 1 || (open === 1 && dims.includes(0) && target.includes(0))) return null;
  return dims;
}
