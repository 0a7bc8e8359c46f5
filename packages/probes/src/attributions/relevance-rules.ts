/** @file Rule tables of layer-wise relevance propagation, as gradients and as explicit relevance. */

import {
  add,
  div,
  type GradientRule,
  gradientRules,
  mul,
  type Node,
  type Op,
  type RuleTable,
  reduceMean,
  scale,
  shift,
  sign,
  sqrt,
  square,
  sub,
} from "../graph/index.ts";

/**
 * LRP as a modified gradient: what flows back is the relevance divided by the value, so that
 * relevance = value · what arrived (Achtibat et al. 2024, section 3.3). Linear maps keep their
 * gradient; an activation hands on y / x (identity rule); a product of two things that both depend
 * on the input gives half to each (uniform rule); layer norm's deviation and any denominator are
 * taken as constants. `varies` tells what depends on the input.
 */
export function relevanceGradientRules(varies: (value: Node) => boolean): RuleTable {
  const share = (y: Node): number => (y.inputs.every(varies) ? 0.5 : 1);
  const toVariable = (contributions: readonly (Node | null)[], y: Node) =>
    contributions.map((c, i) => (varies(y.inputs[i]!) ? c : null));
  const product =
    <K extends "Mul" | "MatMul">(rule: GradientRule<K>): GradientRule<K> =>
    (dy, y) =>
      toVariable(rule(share(y) === 1 ? dy : scale(dy, share(y)), y), y);
  return {
    ...gradientRules,
    Mul: product(gradientRules.Mul as GradientRule<"Mul">),
    MatMul: product(gradientRules.MatMul as GradientRule<"MatMul">),
    Div: (dy, y) => [div(dy, y.inputs[1]!), null],
    LayerNormalization: throughFixedDeviation,
    Pow: (dy, y) => [...ratio(dy, y), null],
    Sqrt: ratio,
    Exp: ratio,
    Log: ratio,
    Sin: ratio,
    Cos: ratio,
    Erf: ratio,
    Tanh: ratio,
    Sigmoid: ratio,
    Softplus: ratio,
    Relu: ratio,
    Gelu: ratio,
    Abs: ratio,
  };
}

/** Identity rule: relevance passes unchanged, R = dy · y = dx · x. */
const ratio = (dy: Node, y: Node): readonly Node[] => [
  mul(dy, div(y, stabilise(y.inputs[0]!, 1e-10))),
];

/** x + ε with the sign of x, 0 counting as positive. */
export function stabilise(x: Node, epsilon: number): Node {
  const direction = sign(shift(sign(x), 0.5)); // -1, 1, 1
  return add(x, scale(direction, epsilon));
}

/** Layer norm with its deviation fixed: centring is linear. */
function throughFixedDeviation(dy: Node, y: Node<"LayerNormalization">) {
  const x = y.inputs[0]!;
  const last = x.shape.length - 1;
  const centred = sub(x, reduceMean(x, [last], true));
  const variance = reduceMean(square(centred), [last], true);
  const deviation = sqrt(shift(variance, y.attributes.epsilon));
  const dNormal = div(mul(dy, y.inputs[1]!), deviation);
  return [sub(dNormal, reduceMean(dNormal, [last], true)), null, dy];
}

/** Ops that only move numbers about: relevance moves with them. */
const structural = new Set<Op>([
  "Reshape",
  "Expand",
  "Transpose",
  "Concat",
  "Slice",
  "Pad",
  "Gather",
  "GatherElements",
  "GatherND",
  "ScatterElements",
  "ScatterND",
  "ReduceMax",
  "ReduceMin",
  "Cast",
  "Where",
  "Neg",
]);

/**
 * The same rules in terms of relevance itself: R of an input = input · rule(R / (y + ε sign y)),
 * which for a linear map is the ε-rule of Bach et al. 2015, equation 58. Structural ops hand R on.
 */
export function explicitRelevanceRules(rules: RuleTable, epsilon: number): RuleTable {
  const rows = Object.entries(rules).map(([op, rule]) => [
    op,
    structural.has(op as Op)
      ? withoutSign(op as Op, rule as GradientRule)
      : explicit(rule as GradientRule, epsilon),
  ]);
  return Object.fromEntries(rows) as RuleTable;
}

const withoutSign = (op: Op, rule: GradientRule): GradientRule =>
  op === "Neg" ? (r) => [r] : rule;

const explicit =
  (rule: GradientRule, epsilon: number): GradientRule =>
  (r, y) =>
    y.inputs.length === 0
      ? []
      : rule(div(r, stabilise(y, epsilon)), y).map((c, i) =>
          c === null ? null : mul(c, y.inputs[i]!),
        );
