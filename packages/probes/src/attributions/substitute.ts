/** @file Exchanges a node of a graph. */

import { type Node, node, topologicalOrder } from "../graph/index.ts";

/** The graph of `output` with one node exchanged for another of the same shape. */
export function substitute(output: Node, old: Node, replacement: Node): Node {
  const made = new Map<Node, Node>([[old, replacement]]);
  for (const value of topologicalOrder([output])) {
    if (made.has(value)) continue;
    const inputs = value.inputs.map((parent) => made.get(parent) ?? parent);
    const same = inputs.every((parent, i) => parent === value.inputs[i]);
    made.set(value, same ? value : node(value.op, inputs, value.attributes));
  }
  return made.get(output)!;
}
