/** @file Which weights of a model are trained: those become inputs of the graph, the others stay stored. */

import { input, type Node } from "../graph/index.ts";
import type { Weights } from "./layers.ts";

/** A weight that is trained, as the graph sees it. */
export type Parameter = {
  readonly name: string;
  readonly shape: readonly number[];
  readonly node: Node<"Input">;
};

/** Name under which a parameter is fed. */
export const parameterInput = (name: string): string => `parameter ${name}`;

/**
 * Weights for a forward pass of which some are trained: those that `trains` picks by name. The list
 * of parameters fills while graphs are built, in the order in which weights are first asked for.
 */
export function trainableWeights(
  stored: Weights,
  trains: (name: string) => boolean,
): { readonly weights: Weights; readonly parameters: readonly Parameter[] } {
  const made = new Map<string, Parameter>();
  const parameters: Parameter[] = [];
  const weights: Weights = (name, shape) => {
    if (!trains(name)) return stored(name, shape);
    const known = made.get(name);
    if (known) return known.node;
    const parameter = { name, shape, node: input(parameterInput(name), shape) };
    made.set(name, parameter);
    parameters.push(parameter);
    return parameter.node;
  };
  return { weights, parameters };
}
