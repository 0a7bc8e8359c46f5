/** @file The memory of a training on the CPU: parameters, gradients and optimizer slots, each one array. */

import { type Tensor, type WasmMemory, wasmMemory } from "../graph/index.ts";
import type { Parameter } from "./parameters.ts";

/** A parameter with what its training needs to know. */
export type TrainedParameter = Parameter & {
  /** Values before the first step; copied. */
  readonly initial: Float32Array;
  /** Whether weight decay applies: usually not to biases and layer norms. */
  readonly decays: boolean;
  /** Factor on the learning rate. */
  readonly rate: number;
};

/** Parameters that are updated with the same scalars: elements start..end of the arrays. */
export type Group = {
  readonly start: number;
  readonly end: number;
  readonly decays: boolean;
  readonly rate: number;
};

export type TrainingMemory = {
  /** What all arrays lie on, so that kernels work on them in place; null where they are too large for that. */
  readonly memory: WasmMemory | null;
  readonly parameters: Float32Array;
  readonly gradients: Float32Array;
  readonly slots: readonly Float32Array[];
  readonly groups: readonly Group[];
  /** The parameters' names, in the order in which they were given. */
  readonly names: readonly string[];
  /** The place of a parameter in each array. */
  readonly view: (array: Float32Array, name: string) => Tensor & { readonly data: Float32Array };
};

/** Kernels take four elements at a time. */
const inFours = (count: number): number => 4 * Math.ceil(count / 4);

/** Lays parameters out so that those with equal settings are neighbours; each begins at a multiple of four elements. */
export function layOutTraining(
  parameters: readonly TrainedParameter[],
  slotCount: number,
): TrainingMemory {
  const key = ({ decays, rate }: TrainedParameter) => `${decays} ${rate}`;
  const keys = [...new Set(parameters.map(key))];
  const total = parameters.reduce((sum, { initial }) => sum + inFours(initial.length), 0);
  const memory = wasmMemory(4 * total * (2 + slotCount));
  const arrays = Array.from({ length: 2 + slotCount }, (_, i) =>
    memory ? new Float32Array(memory.buffer, 4 * total * i, total) : new Float32Array(total),
  );
  const [values, gradients, ...slots] = arrays as [Float32Array, Float32Array, ...Float32Array[]];
  const groups: Group[] = [];
  const places = new Map<string, { start: number; size: number; shape: readonly number[] }>();
  let at = 0;
  for (const wanted of keys) {
    const start = at;
    const members = parameters.filter((parameter) => key(parameter) === wanted);
    for (const parameter of members) {
      values.set(parameter.initial, at);
      const { name, shape, initial } = parameter;
      places.set(name, { start: at, size: initial.length, shape });
      at += inFours(initial.length);
    }
    const { decays, rate } = members[0]!;
    groups.push({ start, end: at, decays, rate });
  }
  return {
    ...{ memory, parameters: values, gradients, slots, groups },
    names: parameters.map(({ name }) => name),
    view: (array, name) => {
      const place = places.get(name);
      if (!place) throw new Error(`training: "${name}" is not a parameter`);
      const { start, size, shape } = place;
      return { data: array.subarray(start, start + size), shape };
    },
  };
}
