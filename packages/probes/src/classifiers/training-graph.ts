/** @file The graphs that train a small network on every fold at once: several steps, and an evaluation. */

import {
  div,
  gather,
  gradients,
  input,
  logSoftmax,
  mul,
  type Node,
  reduceSum,
  reshape,
  scale,
  slice,
  softplus,
  square,
  sub,
  where,
} from "../graph/index.ts";
import { adamW } from "../nn/optimizers.ts";

/** How a parameter starts: uniform in ±bound. */
export type ParameterOptions = { readonly bound?: number };

export type NetworkContext = {
  /** Features per row. */
  readonly width: number;
  /** Outputs per row: one for two classes and for regression, else one per class. */
  readonly outputs: number;
  /**
   * A trained parameter of the shape one network needs. It comes with an axis of folds in front, vectors
   * as [folds, 1, n], so that products and sums with x [folds, rows, width] mean what they do for one network.
   */
  readonly parameter: (name: string, shape: readonly number[], options?: ParameterOptions) => Node;
};

/**
 * A network: x [folds, rows, width] to outputs [folds, rows, outputs]; with shared rows x is [1, rows, width].
 * Axes are counted from the end.
 */
export type Forward = (x: Node, context: NetworkContext) => Node;

/** A parameter of the network for one fold. */
export type NetworkParameter = {
  readonly name: string;
  /** With the folds in front, as the graph sees it. */
  readonly shape: readonly number[];
  readonly bound: number;
};

export type NetworkSpec = {
  readonly forward: Forward;
  readonly folds: number;
  readonly width: number;
  readonly outputs: number;
  readonly loss: "binary" | "softmax" | "squared";
  readonly standardise: boolean;
  /**
   * Whether the rows of a step are gathered once for all folds, each counting its own. That saves memory
   * traffic but computes rows for folds that do not use them, so it is for networks of one layer.
   */
  readonly shared: boolean;
};

export const optimizer = adamW();

/** The parameters that a network asks for, in order. */
export function networkParameters(spec: NetworkSpec): readonly NetworkParameter[] {
  const parameters: NetworkParameter[] = [];
  const x = input("x", [spec.folds, "batch", spec.width]);
  const output = build(spec, x, (name, shape, bound) => {
    if (parameters.some((known) => known.name === name)) {
      throw new Error(`network: two parameters are called "${name}"`);
    }
    parameters.push({ name, shape, bound });
    return input(`parameter ${name}`, shape);
  });
  const found = output.shape.join(", ");
  const expected = [spec.folds, "batch", spec.outputs].join(", ");
  if (found !== expected) {
    throw new Error(`network: expected outputs of shape [${expected}], got [${found}]`);
  }
  if (parameters.length === 0)
    throw new Error("network: expected at least one parameter, got none");
  return parameters;
}

/**
 * `steps` steps of Adam. Inputs: features [rows, width], row numbers [steps, groups, batch] and their targets
 * [steps, groups, batch, outputs], groups being the folds, or 1 where they share rows; the weight of each row
 * in each fold [steps, folds, batch]; the optimizer's scalars and `active` [steps, folds, 1, 1]. Outputs:
 * losses [folds] of each step, parameters and optimizer slots after the last.
 */
export function trainingGraph(
  spec: NetworkSpec,
  parameters: readonly NetworkParameter[],
  steps: number,
): Readonly<Record<string, Node>> {
  const { folds, outputs } = spec;
  const features = featuresOf(spec);
  const groups = spec.shared ? 1 : folds;
  const order = input("order", [steps, groups, "batch"], "int32");
  const target = input("target", [steps, groups, "batch", outputs]);
  const weight = input("weight", [steps, folds, "batch"]);
  const active = input("active", [steps, folds, 1, 1], "bool");
  const scalars = optimizer.scalarNames.map(
    (name) => [name, input(name, [steps, folds, 1, 1])] as const,
  );
  const at = (x: Node, step: number) =>
    reshape(slice(x, 0, { start: step, end: step + 1 }), x.shape.slice(1));

  let state = parameters.map(({ name, shape }) => ({
    parameter: input(`parameter ${name}`, shape) as Node,
    slots: optimizer.slots.map((slot) => input(`${slot} ${name}`, shape) as Node),
  }));
  const losses: Node[] = [];
  for (let step = 0; step < steps; step++) {
    const x = features(at(order, step));
    const now = state.map(({ parameter }) => parameter);
    const output = build(spec, x, (name) => now[indexOf(parameters, name)]!);
    const perRow = mul(rowLosses(spec, output, at(target, step)), at(weight, step)); // [folds, batch]
    const slopes = gradients(reduceSum(perRow), now);
    const settings = Object.fromEntries(scalars.map(([name, values]) => [name, at(values, step)]));
    const moving = at(active, step);
    losses.push(reduceSum(perRow, [1]));
    state = state.map(({ parameter, slots }, i) => {
      const next = optimizer.update({ parameter, gradient: slopes[i]!, slots }, settings);
      return {
        parameter: where(moving, next.parameter, parameter),
        slots: slots.map((slot, s) => where(moving, next.slots[s]!, slot)),
      };
    });
  }
  const results: Record<string, Node> = {};
  losses.forEach((loss, step) => {
    results[`loss ${step}`] = loss;
  });
  state.forEach(({ parameter, slots }, i) => {
    const { name } = parameters[i]!;
    results[`next parameter ${name}`] = parameter;
    optimizer.slots.forEach((slot, s) => {
      results[`next ${slot} ${name}`] = slots[s]!;
    });
  });
  return results;
}

/** Outputs and losses of rows in every fold: order [groups, batch], target [groups, batch, outputs]. */
export function evaluationGraph(
  spec: NetworkSpec,
  parameters: readonly NetworkParameter[],
): Readonly<Record<string, Node>> {
  const groups = spec.shared ? 1 : spec.folds;
  const order = input("order", [groups, "batch"], "int32");
  const target = input("target", [groups, "batch", spec.outputs]);
  const output = build(spec, featuresOf(spec)(order), (name) => {
    const { shape } = parameters[indexOf(parameters, name)]!;
    return input(`parameter ${name}`, shape);
  });
  return { outputs: output, losses: rowLosses(spec, output, target) };
}

const indexOf = (parameters: readonly NetworkParameter[], name: string) =>
  parameters.findIndex((parameter) => parameter.name === name);

/** Rows of the features, in units of each fold's deviations where asked. */
function featuresOf({ folds, width, standardise }: NetworkSpec): (order: Node) => Node {
  const features = input("features", ["rows", width]);
  if (!standardise) return (order) => gather(features, order);
  const mean = input("mean", [folds, 1, width]);
  const deviation = input("deviation", [folds, 1, width]);
  return (order) => div(sub(gather(features, order), mean), deviation);
}

type MakeParameter = (name: string, shape: readonly number[], bound: number) => Node;

function build(
  { forward, folds, width, outputs }: NetworkSpec,
  x: Node,
  make: MakeParameter,
): Node {
  return forward(x, {
    width,
    outputs,
    parameter: (name, shape, options = {}) => {
      const padded = shape.length < 2 ? [1, ...(shape.length === 0 ? [1] : shape)] : shape;
      // torch's Linear starts weights and biases in ±1/√(inputs).
      const bound = options.bound ?? 1 / Math.sqrt(shape.length < 2 ? width : shape[0]!);
      return make(name, [folds, ...padded], bound);
    },
  });
}

/** Loss of every row, [folds, batch]. */
function rowLosses({ loss }: NetworkSpec, output: Node, target: Node): Node {
  switch (loss) {
    case "binary":
      return reduceSum(sub(softplus(output), mul(output, target)), [2]);
    case "softmax":
      return scale(reduceSum(mul(logSoftmax(output), target), [2]), -1);
    case "squared":
      return reduceSum(square(sub(output, target)), [2]);
  }
}
