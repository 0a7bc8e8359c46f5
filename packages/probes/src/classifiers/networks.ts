/** @file The networks that ship with Probegrid, for one fold as for many. */

import {
  add,
  gelu,
  matMul,
  mul,
  multiply,
  type Node,
  relu,
  reshape,
  sigmoid,
  slice,
  tanh,
  transpose,
} from "../graph/index.ts";
import type { Forward, NetworkContext } from "./training-graph.ts";

/** Activations between layers. */
export const activations = {
  relu,
  gelu: (x: Node) => gelu(x),
  tanh,
  none: (x: Node) => x,
} as const satisfies Record<string, (x: Node) => Node>;
export type Activation = keyof typeof activations;
export const activationNames = Object.keys(activations) as [Activation, ...Activation[]];

type Layer = { readonly name: string; readonly from: number; readonly to: number };

/** x W + b, started as torch's Linear. */
function dense(x: Node, { name, from, to }: Layer, { parameter }: NetworkContext): Node {
  const bound = 1 / Math.sqrt(from);
  const weight = parameter(`${name}.weight`, [from, to], { bound });
  return add(matMul(x, weight), parameter(`${name}.bias`, [to], { bound })); // [folds, rows, to]
}

/** One layer from the features to the outputs; rows that folds share are multiplied with all weights at once. */
export const oneLayer: Forward = (x, { width, outputs, parameter }) => {
  const bound = 1 / Math.sqrt(width);
  const weight = parameter("weight", [outputs, width], { bound }); // [folds, outputs, width]
  const bias = parameter("bias", [outputs], { bound });
  const [folds, rows] = [weight.shape[0]!, x.shape[1]!];
  if (x.shape[0] !== 1 || folds === 1) return add(matMul(x, weight, { transposeB: true }), bias);
  const all = reshape(weight, [multiply(folds, outputs), width]);
  const products = matMul(reshape(x, [rows, width]), all, { transposeB: true });
  const perFold = transpose(reshape(products, [rows, folds, outputs]), [1, 0, 2]);
  return add(perFold, bias); // [folds, rows, outputs]
};

/** Layers of the given widths with an activation after each, then one to the outputs. */
export const feedForward =
  (hidden: readonly number[], activation: Activation): Forward =>
  (x, context) => {
    let width = context.width;
    let value = x;
    hidden.forEach((to, i) => {
      value = activations[activation](
        dense(value, { name: `hidden${i}`, from: width, to }, context),
      );
      width = to;
    });
    return dense(value, { name: "output", from: width, to: context.outputs }, context);
  };

/** A gated linear unit: activation(x V + b) ⊙ σ(x W + c), then a layer to the outputs. */
export const gatedUnit =
  (hidden: number, activation: Activation): Forward =>
  (x, context) => {
    const both = dense(x, { name: "gated", from: context.width, to: 2 * hidden }, context);
    const value = activations[activation](slice(both, -1, { start: 0, end: hidden }));
    const gate = sigmoid(slice(both, -1, { start: hidden, end: 2 * hidden }));
    const joined = mul(value, gate); // [folds, rows, hidden]
    return dense(joined, { name: "output", from: hidden, to: context.outputs }, context);
  };
