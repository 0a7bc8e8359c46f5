/** @file Interpretation: the walk that computes a graph op by op with another library's tensors. */

import { type Attributes, isOp, type Node, type Op, topologicalOrder } from "./node.ts";
import { type Dim, type Shape, terms } from "./shape.ts";

/** What a kernel may ask for: sizes that are known now, and the tensors that were fed. */
export type Run<Value> = {
  readonly dim: (dim: Dim) => number;
  readonly shape: (shape: Shape) => number[];
  readonly fed: (name: string) => Value;
};

/** Computes one op; it owns nothing: the walk releases its result when nobody needs it any more. */
export type Kernel<Value, K extends Op = Op> = (
  y: Node<K>,
  inputs: readonly Value[],
  run: Run<Value>,
) => Value;

/** Total over the ops: a library that lacks a row does not compile. */
export type KernelTable<Value> = { readonly [K in keyof Attributes]: Kernel<Value, K> };

/** A library's tensors, as far as the walk has to know them. */
export type Library<Value> = {
  readonly kernels: KernelTable<Value>;
  /** Frees a value that no further op reads. */
  readonly release: (value: Value) => void;
};

/** A graph in the order it is computed in, and for each node the last place that reads it. */
export type Interpretable = {
  readonly outputs: Readonly<Record<string, Node>>;
  readonly order: readonly Node[];
  readonly inputs: readonly Node<"Input">[];
  readonly lastUse: ReadonlyMap<Node, number>;
};

/** Prepares a graph for `interpret`. */
export function interpretable(outputs: Readonly<Record<string, Node>>): Interpretable {
  const order = topologicalOrder(Object.values(outputs));
  const lastUse = new Map<Node, number>();
  order.forEach((value, i) => {
    for (const parent of value.inputs) lastUse.set(parent, i);
  });
  for (const value of Object.values(outputs)) lastUse.set(value, Number.POSITIVE_INFINITY);
  const inputs = order.filter((value) => isOp(value, "Input"));
  return { outputs, order, inputs, lastUse };
}

/**
 * The outputs' values by name. `feeds` holds a value per input, `sizes` its shape, from which symbols get their
 * numbers. What comes back is the caller's to release; one value may be there under two names.
 */
export function interpret<Value>(
  graph: Interpretable,
  feeds: ReadonlyMap<string, { readonly value: Value; readonly shape: readonly number[] }>,
  { kernels, release }: Library<Value>,
): Readonly<Record<string, Value>> {
  const run = createRun(graph, feeds);
  const values = new Map<Node, Value>();
  graph.order.forEach((y, i) => {
    const kernel = kernels[y.op] as Kernel<Value>;
    const inputs = y.inputs.map((parent) => values.get(parent) as Value);
    values.set(y, kernel(y, inputs, run));
    for (const parent of new Set(y.inputs)) {
      if (graph.lastUse.get(parent) !== i) continue;
      release(values.get(parent) as Value);
      values.delete(parent);
    }
  });
  return Object.fromEntries(
    Object.entries(graph.outputs).map(([name, y]) => [name, values.get(y) as Value]),
  );
}

function createRun<Value>(
  { inputs }: Interpretable,
  feeds: ReadonlyMap<string, { readonly value: Value; readonly shape: readonly number[] }>,
): Run<Value> {
  const symbols = new Map<string, number>();
  const feedOf = (name: string) => {
    const feed = feeds.get(name);
    if (feed === undefined) throw new Error(`session: input "${name}" was not fed`);
    return feed;
  };
  for (const y of inputs) {
    const { shape } = feedOf(y.attributes.name);
    y.shape.forEach((dim, axis) => {
      const size = shape[axis];
      if (typeof dim === "string" && size !== undefined) symbols.set(dim, size);
    });
  }
  const symbol = (name: string): number => {
    const size = symbols.get(name);
    if (size === undefined) throw new Error(`interpret: no input has an axis "${name}"`);
    return size;
  };
  const dim = (size: Dim): number =>
    typeof size === "number"
      ? size
      : terms(size).reduce(
          (sum, term) =>
            sum + term.symbols.reduce((product, name) => product * symbol(name), term.coefficient),
          0,
        );
  return { dim, shape: (shape) => shape.map(dim), fed: (name) => feedOf(name).value };
}
