/** @file Element-wise graphs as one WebAssembly loop: each input read once, each output written once. */

import { isOp, type Node, type Op, topologicalOrder } from "./node.ts";
import { type Code, type WasmMemory, wasm, wasmFunction, wasmMemory } from "./wasm.ts";

type Arrays = Readonly<Record<string, Float32Array>>;

/** Elements from `start` to before `end`. */
export type ElementRange = { readonly start: number; readonly end: number };

/** A compiled element-wise graph. */
export type ElementWise = {
  /**
   * Computes the outputs into given arrays, which may be those that are fed: every element is read
   * before it is written. All arrays have the same length. Vectors and scalars go by their inputs' names.
   * With `ranges` only those elements are computed.
   */
  readonly run: (
    vectors: Arrays,
    scalars: Readonly<Record<string, number>>,
    into: { readonly into: Arrays; readonly ranges?: readonly ElementRange[] },
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
 * Arrays that lie on `memory` are worked on where they are, in ranges of a multiple of four elements;
 * others pass through a window. Throws where an op is not element-wise arithmetic.
 */
export function compileElementWise(
  outputs: Readonly<Record<string, Node>>,
  memory: WasmMemory | null = null,
): ElementWise {
  const order = topologicalOrder(Object.values(outputs));
  const unknown = order.find(({ op }) => op !== "Input" && op !== "Constant" && !instructions[op]);
  if (unknown) throw new Error(`internal: ${unknown.op} is not compiled element-wise`);
  const inputs = order.filter((x): x is Node<"Input"> => isOp(x, "Input"));
  const scalars = inputs.filter(({ shape }) => shape.length === 0).map(nameOf);
  const vectors = inputs.filter(({ shape }) => shape.length === 1).map(nameOf);
  const targets = Object.keys(outputs);
  const kernel = { outputs, order, scalars, places: [...vectors, ...targets] };
  const direct = memory && compileKernel(kernel, memory);
  let windowed: ReturnType<typeof openWindows> | undefined;
  return {
    run(fed, values, { into, ranges }) {
      const numbers = scalars.map((name) => values[name]!);
      const arrays = [...vectors.map((name) => fed[name]!), ...targets.map((name) => into[name]!)];
      const inPlace = direct && arrays.every(({ buffer }) => buffer === memory.buffer);
      const pointers = arrays.map(({ byteOffset }) => byteOffset);
      for (const { start, end } of ranges ?? [{ start: 0, end: arrays.at(-1)!.length }]) {
        if (start === end) continue;
        if (inPlace && (end - start) % 4 === 0) {
          const at = pointers.map((pointer) => pointer + 4 * start);
          direct(4 * (end - start), ...at, ...numbers);
          continue;
        }
        windowed ??= openWindows(kernel);
        windowed(
          arrays.map((array) => array.subarray(start, end)),
          numbers,
        );
      }
    },
  };
}

type Kernel = {
  readonly outputs: Readonly<Record<string, Node>>;
  readonly order: readonly Node[];
  readonly scalars: readonly string[];
  /** Vectors that are read, then those that are written; each has a pointer. */
  readonly places: readonly string[];
};

/** The loop as a function of the bytes to work on, a pointer for each place, and the scalars. */
function compileKernel({ outputs, order, scalars, places }: Kernel, memory: WasmMemory) {
  // Locals: bytes, pointers, scalars, the byte being worked on, and a vector for each node.
  const firstScalar = 1 + places.length;
  const at = firstScalar + scalars.length;
  const local = new Map(order.map((x, i) => [x, at + 1 + i]));
  const vectors = places.slice(0, places.length - Object.keys(outputs).length);
  const address = (place: number): Code => [
    ...wasm.get(1 + place),
    ...wasm.get(at),
    ...wasm.addI32,
  ];

  /** Before the loop: what is the same for every element, in all lanes. */
  function spread(x: Node): Code {
    const set = wasm.set(local.get(x)!);
    if (isOp(x, "Constant")) return [...wasm.f32(scalarOf(x)), ...four.splat, ...set];
    if (!isOp(x, "Input") || x.shape.length > 0) return [];
    return [...wasm.get(firstScalar + scalars.indexOf(nameOf(x))), ...four.splat, ...set];
  }

  /** In the loop: four elements of a node. */
  function compute(x: Node): Code {
    const set = wasm.set(local.get(x)!);
    if (isOp(x, "Constant") || (x.shape.length === 0 && isOp(x, "Input"))) return [];
    if (isOp(x, "Input")) return [...address(vectors.indexOf(nameOf(x))), ...four.load(0), ...set];
    const operands = x.inputs.flatMap((input) => wasm.get(local.get(input)!));
    return [...operands, ...instructions[x.op]!, ...set];
  }

  const stores = Object.values(outputs).flatMap((x, i) => [
    ...address(vectors.length + i),
    ...wasm.get(local.get(x)!),
    ...four.store(0),
  ]);
  const step = [...wasm.get(at), ...wasm.i32(16), ...wasm.addI32, ...wasm.tee(at)];
  const next = [...step, ...wasm.get(0), ...wasm.lessI32]; // true while there are more
  return wasmFunction(
    {
      parameters: [
        ...Array.from({ length: firstScalar }, () => "i32" as const),
        ...scalars.map(() => "f32" as const),
      ],
      locals: ["i32", ...order.map(() => "v128" as const)],
      body: [
        ...order.flatMap(spread),
        ...wasm.loop([...order.flatMap(compute), ...stores, ...next]),
      ],
    },
    memory,
  );
}

/** A window of one piece for each array: pieces are copied in, worked on, and copied out. */
function openWindows(kernel: Kernel) {
  const { places } = kernel;
  const memory = wasmMemory(places.length * pieceBytes);
  if (memory === null) throw new Error("out of memory for the windows of an element-wise kernel");
  const call = compileKernel(kernel, memory);
  const pointers = places.map((_, i) => i * pieceBytes);
  const windows = pointers.map((pointer) => new Float32Array(memory.buffer, pointer, piece));
  const results = places.length - Object.keys(kernel.outputs).length; // their first place
  return (arrays: readonly Float32Array[], numbers: readonly number[]): void => {
    const { length } = arrays.at(-1)!;
    for (let start = 0; start < length; start += piece) {
      const count = Math.min(piece, length - start);
      for (let i = 0; i < results; i++) {
        windows[i]!.set(arrays[i]!.subarray(start, start + count));
      }
      call(16 * Math.ceil(count / 4), ...pointers, ...numbers);
      for (let i = results; i < places.length; i++) {
        arrays[i]!.set(windows[i]!.subarray(0, count), start);
      }
    }
  };
}

const nameOf = ({ attributes }: Node<"Input">): string => attributes.name;

function scalarOf({ attributes: { data } }: Node<"Constant">): number {
  if (data.length !== 1)
    throw new Error("internal: only scalar constants are compiled element-wise");
  return Number(data[0]);
}
