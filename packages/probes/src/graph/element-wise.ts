/** @file Element-wise graphs as one WebAssembly loop: each input read once, each output written once. */

import { isOp, type Node, type Op, topologicalOrder } from "./node.ts";
import { type Code, wasm, wasmFunction } from "./wasm.ts";

/** A compiled element-wise graph. */
export type ElementWise = {
  /**
   * Computes the outputs into given arrays, which may be those that are fed: every element is read
   * before it is written. All arrays have the same length. Vectors and scalars go by their inputs' names.
   */
  readonly run: (
    vectors: Readonly<Record<string, Float32Array>>,
    scalars: Readonly<Record<string, number>>,
    into: Readonly<Record<string, Float32Array>>,
  ) => void;
};

/** Elements of each array that are worked on at once: all arrays together stay in a core's cache. */
const piece = 1 << 14;
const pieceBytes = 4 * piece;

const { four } = wasm;
const instructions: { readonly [K in Op]?: Code } = {
  ...{ Add: four.add, Sub: four.sub, Mul: four.mul, Div: four.div },
  ...{ Min: four.min, Max: four.max, Sqrt: four.sqrt, Neg: four.neg, Abs: four.abs },
};

/**
 * Compiles a graph of float32 vectors of one length and of scalars for the CPU, in float32. A runtime
 * would pass over memory once for each op; here an element stays in a register from input to output.
 * Throws where an op is not element-wise arithmetic.
 */
export function compileElementWise(outputs: Readonly<Record<string, Node>>): ElementWise {
  const order = topologicalOrder(Object.values(outputs));
  const inputs = order.filter((x): x is Node<"Input"> => isOp(x, "Input"));
  const scalars = inputs.filter(({ shape }) => shape.length === 0);
  const vectors = inputs.filter(({ shape }) => shape.length === 1);
  const places = [...vectors.map(({ attributes }) => attributes.name), ...Object.keys(outputs)];
  const placeOf = (name: string) => places.indexOf(name) * pieceBytes;
  // Locals: bytes to work on, the scalars, the byte being worked on, and a vector for each node.
  const at = 1 + scalars.length;
  const local = new Map(order.map((x, i) => [x, at + 1 + i]));
  const { memory, call } = wasmFunction(
    {
      parameters: ["i32", ...scalars.map(() => "f32" as const)],
      locals: ["i32", ...order.map(() => "v128" as const)],
      body: [
        ...order.flatMap(spread),
        ...wasm.loop([...order.flatMap(compute), ...stores(), ...next()]),
      ],
    },
    places.length * pieceBytes,
  );
  const windows = new Map(
    places.map((name) => [name, new Float32Array(memory, placeOf(name), piece)]),
  );

  /** Before the loop: what is the same for every element, in all lanes. */
  function spread(x: Node): Code {
    const set = wasm.set(local.get(x)!);
    if (isOp(x, "Constant")) return [...wasm.f32(scalarOf(x)), ...four.splat, ...set];
    const index = scalars.indexOf(x as Node<"Input">);
    return index < 0 ? [] : [...wasm.get(1 + index), ...four.splat, ...set];
  }

  /** In the loop: four elements of a node. */
  function compute(x: Node): Code {
    const set = wasm.set(local.get(x)!);
    if (isOp(x, "Constant") || (x.shape.length === 0 && isOp(x, "Input"))) return [];
    if (isOp(x, "Input"))
      return [...wasm.get(at), ...four.load(placeOf(x.attributes.name)), ...set];
    const instruction = instructions[x.op];
    if (!instruction) throw new Error(`internal: ${x.op} is not compiled element-wise`);
    return [...x.inputs.flatMap((input) => wasm.get(local.get(input)!)), ...instruction, ...set];
  }

  function stores(): Code {
    return Object.entries(outputs).flatMap(([name, x]) => [
      ...wasm.get(at),
      ...wasm.get(local.get(x)!),
      ...four.store(placeOf(name)),
    ]);
  }

  /** Four elements on; true while there are more. */
  function next(): Code {
    const step = [...wasm.get(at), ...wasm.i32(16), ...wasm.addI32, ...wasm.tee(at)];
    return [...step, ...wasm.get(0), ...wasm.lessI32];
  }

  return {
    run(fed, values, into) {
      const numbers = scalars.map(({ attributes }) => values[attributes.name]!);
      const sources = vectors.map(
        ({ attributes: { name } }) => [fed[name]!, windows.get(name)!] as const,
      );
      const targets = Object.keys(outputs).map(
        (name) => [into[name]!, windows.get(name)!] as const,
      );
      const { length } = targets[0]![0];
      for (let start = 0; start < length; start += piece) {
        const count = Math.min(piece, length - start);
        for (const [array, window] of sources) window.set(array.subarray(start, start + count));
        call(16 * Math.ceil(count / 4), ...numbers);
        for (const [array, window] of targets) array.set(window.subarray(0, count), start);
      }
    },
  };
}

function scalarOf({ attributes: { data } }: Node<"Constant">): number {
  if (data.length !== 1)
    throw new Error("internal: only scalar constants are compiled element-wise");
  return Number(data[0]);
}
