/** @file Optimizers: (init, update) pairs over graph nodes, element-wise, so that they may work in place. */

import {
  add,
  div,
  fill,
  input,
  mul,
  type Node,
  type Shape,
  scale,
  sqrt,
  square,
  sub,
} from "../graph/index.ts";

/** What is fed each step, the same for every element: learning rate, corrections, gradient scale. */
export type StepScalars = Readonly<Record<string, number>>;

/** Settings of one step for one group of parameters. */
export type StepSettings = {
  /** Steps taken before this one. */
  readonly step: number;
  readonly learningRate: number;
  readonly weightDecay: number;
  /** What gradients are multiplied with before they are used: 1, or less where they are clipped. */
  readonly gradientScale: number;
};

export interface Optimizer {
  /** Names of the tensors kept for each parameter, of its shape. */
  readonly slots: readonly string[];
  /** Names of the scalars that `update` reads. */
  readonly scalarNames: readonly string[];
  /** The slots before the first step. */
  readonly init: (parameter: Node) => readonly Node[];
  /** Parameter and slots after a step; every op is element-wise. */
  readonly update: (
    now: { readonly parameter: Node; readonly gradient: Node; readonly slots: readonly Node[] },
    scalars: Readonly<Record<string, Node>>,
  ) => { readonly parameter: Node; readonly slots: readonly Node[] };
  /** A parameter after a step where its gradient and its slots are zero: what `update` makes of it, in fewer ops. */
  readonly idle: (parameter: Node, scalars: Readonly<Record<string, Node>>) => Node;
  /** The scalars of one step. */
  readonly scalars: (settings: StepSettings) => StepScalars;
}

export type AdamWOptions = {
  readonly beta1?: number;
  readonly beta2?: number;
  readonly epsilon?: number;
};

/**
 * Adam with decoupled weight decay (Loshchilov and Hutter 2019) and bias correction, as torch's AdamW:
 * p ← p (1 - rate · decay) - rate · m̂ / (√v̂ + ε), m̂ = m / (1 - β₁ᵗ), v̂ = v / (1 - β₂ᵗ).
 * The slots hold m / (1 - β₁) and v / (1 - β₂), which saves two passes over memory each step.
 */
export function adamW({
  beta1 = 0.9,
  beta2 = 0.999,
  epsilon = 1e-8,
}: AdamWOptions = {}): Optimizer {
  return {
    slots: ["first", "second"],
    scalarNames: ["gradientScale", "kept", "stepSize", "epsilon"],
    init: ({ shape }) => [fill(0, shape), fill(0, shape)],
    update: ({ parameter, gradient, slots }, { gradientScale, kept, stepSize, epsilon }) => {
      const g = mul(gradient, gradientScale!);
      const first = add(scale(slots[0]!, beta1), g);
      const second = add(scale(slots[1]!, beta2), square(g));
      const direction = div(first, add(sqrt(second), epsilon!));
      return {
        parameter: sub(mul(parameter, kept!), mul(direction, stepSize!)),
        slots: [first, second],
      };
    },
    idle: (parameter, { kept }) => mul(parameter, kept!),
    scalars: ({ step, learningRate, weightDecay, gradientScale }) => {
      // m̂ = first · a and √v̂ = √second · b, so m̂ / (√v̂ + ε) = first / (√second + ε / b) · a / b.
      const a = (1 - beta1) / (1 - beta1 ** (step + 1));
      const b = Math.sqrt((1 - beta2) / (1 - beta2 ** (step + 1)));
      return {
        gradientScale,
        kept: 1 - learningRate * weightDecay,
        stepSize: (learningRate * a) / b,
        epsilon: epsilon / b,
      };
    },
  };
}

/** What clipping to a global norm multiplies gradients with, as torch's clip_grad_norm_. */
export function clipScale(norm: number, limit: number | null): number {
  return limit === null ? 1 : Math.min(1, limit / (norm + 1e-6));
}

/**
 * The update of a parameter of a shape as a graph of `parameter`, `gradient`, `slot <i>` and the
 * optimizer's scalars: `new parameter` and `new slot <i>`.
 */
export function updateGraph(optimizer: Optimizer, shape: Shape): Record<string, Node> {
  const x = (name: string) => input(name, shape);
  const { parameter, slots } = optimizer.update(
    {
      parameter: x("parameter"),
      gradient: x("gradient"),
      slots: optimizer.slots.map((_, i) => x(`slot ${i}`)),
    },
    Object.fromEntries(optimizer.scalarNames.map((name) => [name, input(name, [])])),
  );
  return Object.fromEntries([
    ["new parameter", parameter],
    ...slots.map((slot, i) => [`new slot ${i}`, slot] as const),
  ]);
}

/** `Optimizer.idle` of a parameter of a shape as a graph of `parameter` and the scalars: `new parameter`. */
export function idleGraph({ idle, scalarNames }: Optimizer, shape: Shape): Record<string, Node> {
  const scalars = scalarNames.map((name) => [name, input(name, [])] as const);
  return { "new parameter": idle(input("parameter", shape), Object.fromEntries(scalars)) };
}
