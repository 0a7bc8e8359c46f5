/** @file The backward half of a training graph, with look-ups in tables left to be added up outside. */

import { gradientRules, gradients, isOp, type Node, topologicalOrder } from "../graph/index.ts";
import type { Parameter } from "./parameters.ts";

/** A table's look-up: its rows' gradients come out as an output, to be added to the rows `indices`. */
export type LookUp = {
  readonly parameter: Parameter;
  /** Name of the indices' input. */
  readonly indices: string;
  /** Output with one gradient row for each index. */
  readonly output: string;
};

export type BackwardGraph = {
  /** Gradients by output name: `gradient <parameter>`, and one for the look-ups of each kind. */
  readonly outputs: Readonly<Record<string, Node>>;
  readonly lookUps: readonly LookUp[];
  /** Parameters whose whole gradient is an output (a tied table may have look-ups besides). */
  readonly dense: readonly Parameter[];
};

export const gradientOutput = (name: string): string => `gradient ${name}`;

/**
 * Gradients of a loss. A look-up of fed indices touches a few rows of a large table: as a graph op its
 * gradient would be a table of zeros, so the rows themselves are returned, to be scattered in place.
 */
export function backwardGraph(loss: Node, parameters: readonly Parameter[]): BackwardGraph {
  const byNode = new Map<Node, Parameter>(parameters.map((p) => [p.node, p]));
  const order = topologicalOrder([loss]);
  const gathers = order.filter(
    (y) =>
      isOp(y, "Gather") &&
      y.attributes.axis === 0 &&
      byNode.has(y.inputs[0]!) &&
      isOp(y.inputs[1]!, "Input"),
  );
  const looked = new Set(gathers);
  const used = new Set(
    order.flatMap((y) => (looked.has(y) ? [] : y.inputs.filter((x) => byNode.has(x)))),
  );
  const dense = parameters.filter(({ node }) => used.has(node));
  const rules = {
    ...gradientRules,
    Gather: (dy: Node, y: Node<"Gather">) =>
      looked.has(y) ? [null, null] : gradientRules.Gather(dy, y),
  };
  const found = gradients(loss, [...gathers, ...dense.map(({ node }) => node)], { rules });
  const outputs: Record<string, Node> = {};
  const names = new Map<Node, string>();
  const lookUps = gathers.map((y, i) => {
    const name = names.get(found[i]!) ?? `rows ${names.size}`;
    names.set(found[i]!, name);
    outputs[name] = found[i]!;
    const indices = y.inputs[1] as Node<"Input">;
    return {
      parameter: byNode.get(y.inputs[0]!)!,
      indices: indices.attributes.name,
      output: name,
    };
  });
  dense.forEach(({ name }, i) => {
    outputs[gradientOutput(name)] = found[gathers.length + i]!;
  });
  return { outputs, lookUps, dense };
}
