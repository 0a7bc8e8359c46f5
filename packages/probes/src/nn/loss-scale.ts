/** @file The factor on a loss that lifts small gradients into float16's range (Micikevicius et al. 2018). */

import { input, mul, type Node, type Tensor } from "../graph/index.ts";

/** float32 computes everything; float16 the matrix products of both directions. */
export const precisions = ["float32", "float16"] as const;
export type Precision = (typeof precisions)[number];

/** Name under which the factor is fed. */
const lossScaleInput = "lossScale";

/** A loss times its factor, which is fed: what gradients are taken of. */
export const scaledLoss = (loss: Node): Node => mul(loss, input(lossScaleInput, []));

const first = 2 ** 16;
/** Steps without overflow after which a larger factor is tried. */
const patience = 2000;

/** Halves at each overflow, doubles after 2000 steps without one. In float32 it is 1 and stays so. */
export class LossScale {
  readonly isHalf: boolean;
  #value: number;
  #good = 0;

  constructor(precision: Precision) {
    this.isHalf = precision === "float16";
    this.#value = this.isHalf ? first : 1;
  }

  get value(): number {
    return this.#value;
  }

  /**
   * Hears the norm of the scaled gradients; true where the step is to be left out because they do not fit into
   * float16. Below 1 nothing is to be gained by halving: then the numbers themselves are at fault, and it is false.
   */
  overflows(norm: number | null): boolean {
    if (!this.isHalf || norm === null) return false;
    if (!Number.isFinite(norm)) {
      if (this.#value <= 1) return false;
      this.#value /= 2;
      this.#good = 0;
      return true;
    }
    this.#good += 1;
    if (this.#good === patience) {
      this.#value *= 2;
      this.#good = 0;
    }
    return false;
  }

  /** Factor, and steps without overflow, as a state keeps them. */
  get state(): Float32Array {
    return Float32Array.of(this.#value, this.#good);
  }

  restore([value, good]: Float32Array): void {
    this.#value = value!;
    this.#good = good!;
  }
}

/** Name of the factor in a state. */
const lossScaleState = "loss scale";

/** What a graph with `scaledLoss` is fed besides; nothing in float32. */
export const scaleFeeds = (scale: LossScale): Record<string, Tensor> =>
  scale.isHalf ? { [lossScaleInput]: { data: Float32Array.of(scale.value), shape: [] } } : {};

/** What a state keeps besides; nothing in float32. */
export const scaleTensors = (scale: LossScale): Record<string, Tensor> =>
  scale.isHalf ? { [lossScaleState]: { data: scale.state, shape: [2] } } : {};

/** Takes the factor out of a state; throws where a state of float16 lacks it. */
export function restoreScale(
  scale: LossScale,
  { tensors }: { readonly tensors: Readonly<Record<string, Tensor>> },
): void {
  if (!scale.isHalf) return;
  const data = tensors[lossScaleState]?.data;
  if (!(data instanceof Float32Array)) throw new Error("training: the state has no loss scale");
  scale.restore(data);
}
