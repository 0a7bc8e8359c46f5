/** @file Graphs computed by tfjs: the second backend, a second opinion on every number. */

import {
  type DType,
  type Engine,
  interpret,
  interpretable,
  isOp,
  type Node,
  type Runtime,
  type Tensor,
  type TensorData,
  type Value,
} from "@probegrid/probes/graph";
import * as tf from "@tensorflow/tfjs-core";
import { openBackend, type TfjsBackend } from "./backend.ts";
import { tfjsKernels, toTfjs } from "./kernels.ts";

/**
 * A runtime for `compile`: every op by tfjs on one of its backends. float64 graphs are computed in float32, int64 in
 * int32; `keepOnDevice` means nothing to it.
 */
export function tfjsRuntime(backend?: TfjsBackend): Runtime {
  return async (outputs) => createEngine(outputs, await openBackend(backend));
}

/** Values that are the same in every run: they are made once. */
type Kept = Map<Node, tf.Tensor>;

function createEngine(outputs: Readonly<Record<string, Node>>, backend: TfjsBackend): Engine {
  const graph = interpretable(outputs);
  const kept: Kept = new Map();
  const kernels = keepingConstants(kept);
  return {
    inputNames: graph.inputs.map(({ attributes }) => attributes.name),
    outputNames: Object.keys(outputs),
    run: async (feeds, into) => {
      await tf.setBackend(backend);
      const fed = new Map(
        graph.inputs.map(({ attributes: { name, dtype } }) => {
          const { data, shape } = inMemory(feeds[name]!);
          return [name, { value: toTfjs(data, shape, dtype), shape }];
        }),
      );
      const library = { kernels, release: (value: tf.Tensor) => value.dispose() };
      const found = interpret(graph, fed, library);
      const results: Record<string, Tensor> = {};
      for (const [name, value] of Object.entries(found)) {
        const data = asStored(await value.data(), outputs[name]!.dtype);
        results[name] = written(data, value.shape, into?.[name]);
      }
      tf.dispose([...Object.values(found), ...[...fed.values()].map(({ value }) => value)]);
      return results;
    },
    close: async () => tf.dispose([...kept.values()]),
  };
}

/** The table, with what lies between an op's inputs and its output freed, and constants made once. */
function keepingConstants(kept: Kept): typeof tfjsKernels {
  const wrapped = Object.entries(tfjsKernels).map(([op, kernel]) => [
    op,
    (...call: Parameters<typeof kernel>) => {
      const [y] = call;
      const made = kept.get(y);
      if (made) return made.clone();
      const value = tf.tidy(() => kernel(...(call as [never, never, never])));
      if (!isOp(y, "Constant") && !isOp(y, "Weight")) return value;
      kept.set(y, value);
      return value.clone();
    },
  ]);
  return Object.fromEntries(wrapped);
}

function inMemory(value: Value): Tensor {
  if ("device" in value) throw new Error("tfjs: expected tensors in memory, got one of a device");
  return value;
}

/** Numbers as the graph's type has them. */
function asStored(values: Float32Array | Int32Array | Uint8Array, dtype: DType): TensorData {
  if (dtype === "int64") return BigInt64Array.from(values as Int32Array, BigInt);
  if (dtype === "float64") return Float64Array.from(values);
  return dtype === "int32"
    ? Int32Array.from(values)
    : dtype === "bool"
      ? Uint8Array.from(values)
      : Float32Array.from(values);
}

/** A tensor, in the memory that was given for it where one was. */
function written(data: TensorData, shape: readonly number[], into: Value | undefined): Tensor {
  if (into === undefined) return { data, shape };
  const target = inMemory(into);
  (target.data as Float32Array).set(data as Float32Array);
  return target;
}
