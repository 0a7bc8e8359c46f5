/** @file Adam in place: one pass over memory, where a graph of element-wise ops makes a dozen. */

const beta1 = 0.9;
const beta2 = 0.999;
const epsilon = 1e-8;

/** A parameter with the running means of its gradient and squared gradient, folds one after another. */
export type AdamState = {
  readonly parameter: Float32Array;
  readonly first: Float32Array;
  readonly second: Float32Array;
};

export const adamState = (parameter: Float32Array): AdamState => ({
  parameter,
  first: new Float32Array(parameter.length),
  second: new Float32Array(parameter.length),
});

export type AdamStep = {
  /** The part of the parameter to move: one fold's. */
  readonly start: number;
  readonly end: number;
  readonly rate: number;
  /** Steps taken, this one included. */
  readonly step: number;
};

/** p ← p - rate m̂ / (√v̂ + ε) on a part of the parameter, as torch's Adam. */
export function adamStep(
  { parameter, first, second }: AdamState,
  gradient: Float32Array,
  { start, end, rate, step }: AdamStep,
): void {
  const size = rate / (1 - beta1 ** step);
  const root = 1 / Math.sqrt(1 - beta2 ** step);
  for (let i = start; i < end; i++) {
    const g = gradient[i]!;
    const m = beta1 * first[i]! + (1 - beta1) * g;
    const v = beta2 * second[i]! + (1 - beta2) * g * g;
    first[i] = m;
    second[i] = v;
    parameter[i]! -= (size * m) / (root * Math.sqrt(v) + epsilon);
  }
}
