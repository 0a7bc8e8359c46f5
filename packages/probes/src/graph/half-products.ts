/** @file Mixed precision: the matrix products of a graph in float16, everything else as it was. */

import { isOp, type Node, node, topologicalOrder } from "./node.ts";
import { cast } from "./ops.ts";

/**
 * The same outputs with every float32 matrix product computed from float16 factors to a float16 result, which is
 * widened again. Sums, norms, softmax, losses and the weights themselves stay float32, as Micikevicius et al.
 * (2018) keep them; inputs keep their names and types.
 */
export function halfProducts(
  outputs: Readonly<Record<string, Node>>,
): Readonly<Record<string, Node>> {
  const made = new Map<Node, Node>();
  const halves = new Map<Node, Node>();
  const half = (x: Node): Node => {
    const known = halves.get(x) ?? cast(x, "float16");
    halves.set(x, known);
    return known;
  };
  for (const value of topologicalOrder(Object.values(outputs))) {
    const inputs = value.inputs.map((input) => made.get(input)!);
    if (isOp(value, "MatMul") && value.dtype === "float32") {
      made.set(value, cast(node("MatMul", inputs.map(half), value.attributes), "float32"));
    } else {
      const same = inputs.every((input, i) => input === value.inputs[i]);
      made.set(value, same ? value : node(value.op, inputs, value.attributes));
    }
  }
  return Object.fromEntries(Object.entries(outputs).map(([name, y]) => [name, made.get(y)!]));
}
