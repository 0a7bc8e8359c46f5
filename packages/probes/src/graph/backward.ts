/** @file Reverse mode, graph to graph: one walk, any rule table. */

import { gradientRules, type RuleTable } from "./gradients.ts";
import { type Node, type Op, topologicalOrder } from "./node.ts";
import { add, fill, reduceSum, reshape } from "./ops.ts";
import { formatShape, type Shape, sameShape } from "./shape.ts";

/**
 * What a walk sends back to each target: with the default table the gradient of `output`, with a
 * relevance table the relevance. `output` is a scalar, or `seed` (of its shape) says what starts the
 * walk. Only nodes between the targets and the output are visited. A target that the output does not
 * depend on gets zeros. Targets are cut points: the walk does not go on below a target unless
 * another target lies there.
 */
export function gradients(
  output: Node,
  targets: readonly Node[],
  { seed, rules = gradientRules }: { readonly seed?: Node; readonly rules?: RuleTable } = {},
): readonly Node[] {
  if (seed === undefined && output.shape.some((dim) => dim !== 1)) {
    throw new Error(`gradients: expected a scalar or a seed, got ${formatShape(output.shape)}`);
  }
  const order = topologicalOrder([output]);
  const onPath = new Set<Node>(targets);
  for (const value of order) {
    if (value.inputs.some((parent) => onPath.has(parent))) onPath.add(value);
  }
  const arrived = new Map<Node, Node>([[output, seed ?? fill(1, output.shape)]]);
  for (const value of [...order].reverse()) {
    const dy = arrived.get(value);
    if (dy === undefined || !onPath.has(value)) continue;
    if (!value.inputs.some((parent) => onPath.has(parent))) continue;
    const rule = rules[value.op] as RuleTable[Op];
    const contributions = rule(dy, value as never);
    value.inputs.forEach((parent, i) => {
      const contribution = contributions[i];
      if (contribution == null || !onPath.has(parent)) return;
      const fitted = sumTo(contribution, parent.shape);
      const before = arrived.get(parent);
      arrived.set(parent, before === undefined ? fitted : add(before, fitted));
    });
  }
  return targets.map((target) => arrived.get(target) ?? fill(0, target.shape));
}

/** Undoes broadcasting: sums over the axes along which `shape` was repeated. */
function sumTo(value: Node, shape: Shape): Node {
  if (sameShape(value.shape, shape)) return value;
  const extra = value.shape.length - shape.length;
  const axes = value.shape.flatMap((dim, i) =>
    i < extra || (shape[i - extra] === 1 && dim !== 1) ? [i] : [],
  );
  const summed = reshape(axes.length === 0 ? value : reduceSum(value, axes), shape);
  if (!sameShape(summed.shape, shape)) {
    throw new Error(
      `internal: gradient has shape ${formatShape(value.shape)}, its input ${formatShape(shape)}`,
    );
  }
  return summed;
}
