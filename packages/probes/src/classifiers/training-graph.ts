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
  scale,
  softplus,
  square,
  sub,
} from "../graph/index.ts";

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
 * Losses and gradients of one batch. Inputs: features [rows, width], row numbers [groups, batch] and their
 * targets [groups, batch, outputs], groups being the folds, or 1 where they share rows; the weight of each
 * row in each fold [folds, batch]; parameters. Outputs: losses [folds], the gradient of each parameter.
 */
export function trainingGraph(
  spec: NetworkSpec,
  parameters: readonly NetworkParameter[],
): Readonly<Record<string, Node>> {
  const weight = input("weight", [spec.folds, "batch"]);
  const { output, target, leaves } = forwardPass(spec, parameters);
  const perRow = mul(rowLosses(spec, output, target), weight); // [folds, batch]
  const slopes = gradients(reduceSum(perRow), leaves);
  return {
    losses: reduceSum(perRow, [1]),
    ...Object.fromEntries(parameters.map(({ name }, i) => [`gradient ${name}`, slopes[i]!])),
  };
}

/** Outputs and losses of rows in every fold: order [groups, batch], target [groups, batch, outputs]. */
export function evaluationGraph(
  spec: NetworkSpec,
  parameters: readonly NetworkParameter[],
): Readonly<Record<string, Node>> {
  const { output, target } = forwardPass(spec, parameters);
  return { outputs: output, losses: rowLosses(spec, output, target) };
}

/** The network over gathered rows, with its parameters as inputs. */
function forwardPass(spec: NetworkSpec, parameters: readonly NetworkParameter[]) {
  const groups = spec.shared ? 1 : spec.folds;
  const order = input("order", [groups, "batch"], "int32");
  const target = input("target", [groups, "batch", spec.outputs]);
  const leaves = parameters.map(({ name, shape }) => input(`parameter ${name}`, shape));
  const output = build(spec, featuresOf(spec)(order), (name) => {
    return leaves[parameters.findIndex((parameter) => parameter.name === name)]!;
  });
  return { output, target, leaves };
}

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
