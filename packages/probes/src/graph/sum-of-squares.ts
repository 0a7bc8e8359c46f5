/** @file The sum of squares of float32 numbers, added up in double precision, as one WebAssembly loop. */

import { type Code, type WasmMemory, wasm, wasmFunction, wasmMemory } from "./wasm.ts";

/** Σ x² of an array. */
export type SumOfSquares = (x: Float32Array) => number;

const piece = 1 << 14; // elements of the window
const { four, two } = wasm;

/**
 * Arrays on `memory` are read where they lie, others through a window. Four lanes add up apart, so the sum is
 * the same for the same array wherever it lies, as long as pieces end at multiples of 2¹⁴ elements.
 */
export function compileSumOfSquares(memory: WasmMemory | null): SumOfSquares {
  const direct = memory && compileKernel(memory);
  let window: { readonly kernel: Kernel; readonly values: Float32Array } | undefined;
  return (x) => {
    let sum = 0;
    for (let start = 0; start < x.length; start += piece) {
      const count = Math.min(piece, x.length - start);
      if (direct && count % 4 === 0 && x.buffer === memory.buffer) {
        sum += direct(4 * count, x.byteOffset + 4 * start);
        continue;
      }
      window ??= openWindow();
      window.values.fill(0).set(x.subarray(start, start + count));
      sum += window.kernel(16 * Math.ceil(count / 4), 0);
    }
    return sum;
  };
}

type Kernel = (...values: number[]) => number;

function openWindow(): { readonly kernel: Kernel; readonly values: Float32Array } {
  const memory = wasmMemory(4 * piece);
  if (memory === null) throw new Error("out of memory for the window of a sum of squares");
  return { kernel: compileKernel(memory), values: new Float32Array(memory.buffer, 0, piece) };
}

/** Of the bytes to read and a pointer. */
function compileKernel(memory: WasmMemory): Kernel {
  const [bytes, pointer, at, values, low, high] = [0, 1, 2, 3, 4, 5];
  const load = [...wasm.get(pointer), ...wasm.get(at), ...wasm.addI32, ...four.load(0)];
  const low2 = [...wasm.get(values), ...two.low];
  const high2 = [...wasm.get(values), ...wasm.get(values), ...two.highHalf, ...two.low];
  const addSquares = (wide: Code, sum: number): Code => {
    return [...wide, ...wide, ...two.mul, ...wasm.get(sum), ...two.add, ...wasm.set(sum)];
  };
  const next = [...wasm.get(at), ...wasm.i32(16), ...wasm.addI32, ...wasm.tee(at)];
  return wasmFunction(
    {
      parameters: ["i32", "i32"],
      locals: ["i32", "v128", "v128", "v128"],
      result: "f64",
      body: [
        ...wasm.loop([
          ...[...load, ...wasm.set(values)],
          ...addSquares(low2, low),
          ...addSquares(high2, high),
          ...[...next, ...wasm.get(bytes), ...wasm.lessI32],
        ]),
        ...[...wasm.get(low), ...wasm.get(high), ...two.add, ...wasm.tee(values)],
        ...[...two.lane(0), ...wasm.get(values), ...two.lane(1), ...wasm.addF64],
      ],
    },
    memory,
  );
}
