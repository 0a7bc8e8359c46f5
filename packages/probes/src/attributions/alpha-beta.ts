/** @file The alpha-beta rule of Bach et al. 2015 (equation 60) for linear maps, each taken with its bias. */

import {
  add,
  cast,
  constant,
  div,
  greater,
  isOp,
  matMul,
  maximum,
  minimum,
  mul,
  type Node,
  type RuleTable,
  scale,
  shift,
  sub,
  topologicalOrder,
} from "../graph/index.ts";

type Options = {
  readonly varies: (value: Node) => boolean;
  readonly output: Node;
  readonly alpha: number;
};

const stabiliser = 1e-20;
const positive = (x: Node) => maximum(x, constant(0));
const negative = (x: Node) => minimum(x, constant(0));

/** The table with linear maps and their biases exchanged; β = α - 1, so that relevance is conserved. */
export function alphaBetaRules(rules: RuleTable, { varies, output, alpha }: Options): RuleTable {
  const linear = linearMaps(output, varies);
  return {
    ...rules,
    MatMul: (r, y) => {
      const map = linear.maps.get(y);
      if (map === undefined) return rules.MatMul(r, y);
      const { plus, minus } = parts(y, map.bias);
      const x = y.inputs[0]!;
      const w = y.inputs[1]!;
      const back = (share: Node, weights: Node) =>
        matMul(share, weights, { transposeB: !y.attributes.transposeB, scale: y.attributes.scale });
      const { onPlus, onMinus } = shares(r, { plus, minus, alpha });
      const through = (share: Node, same: Node, other: Node) =>
        add(mul(positive(x), back(share, same)), mul(negative(x), back(share, other)));
      return [
        sub(through(onPlus, positive(w), negative(w)), through(onMinus, negative(w), positive(w))),
        null,
      ];
    },
    Add: (r, y) => {
      const product = linear.sums.get(y);
      if (product === undefined) return rules.Add(r, y);
      // The map gets all of it and divides it with the bias in mind; the bias's part is told here.
      const { plus, minus } = parts(product.map, product.bias);
      const { onPlus, onMinus } = shares(r, { plus, minus, alpha });
      const forBias = sub(
        mul(positive(product.bias), onPlus),
        mul(negative(product.bias), onMinus),
      );
      return y.inputs.map((parent) => (parent === product.map ? r : forBias));
    },
  };
}

type Sums = { readonly plus: Node; readonly minus: Node };

/**
 * α R / z+ and β R / z-, with β = α - 1. Where an output has contributions of one sign only, they
 * take all of R (α = 1, or β = -1), so that nothing is lost.
 */
function shares(
  r: Node,
  { plus, minus, alpha }: Sums & { readonly alpha: number },
): { readonly onPlus: Node; readonly onMinus: Node } {
  const zero = constant(0);
  const hasPlus = cast(greater(plus, zero), "float32");
  const hasMinus = cast(greater(zero, minus), "float32");
  const both = mul(hasPlus, hasMinus);
  const a = add(scale(both, alpha), sub(hasPlus, both));
  const b = sub(scale(both, alpha - 1), sub(hasMinus, both));
  return {
    onPlus: mul(a, div(r, shift(plus, stabiliser))),
    onMinus: mul(b, div(r, shift(minus, -stabiliser))),
  };
}

/** Sums of the positive and of the negative contributions to each output, bias included. */
function parts(y: Node<"MatMul">, bias: Node | null): Sums {
  const x = y.inputs[0]!;
  const w = y.inputs[1]!;
  const forward = (a: Node, b: Node) => matMul(a, b, y.attributes);
  const plus = add(forward(positive(x), positive(w)), forward(negative(x), negative(w)));
  const minus = add(forward(positive(x), negative(w)), forward(negative(x), positive(w)));
  if (bias === null) return { plus, minus };
  return { plus: add(plus, positive(bias)), minus: add(minus, negative(bias)) };
}

type LinearMaps = {
  readonly maps: ReadonlyMap<Node, { readonly bias: Node | null }>;
  readonly sums: ReadonlyMap<Node, { readonly map: Node<"MatMul">; readonly bias: Node }>;
};

/** Products of something that varies with weights that do not, and the additions of their biases. */
export function linearMaps(output: Node, varies: (value: Node) => boolean): LinearMaps {
  const maps = new Map<Node, { bias: Node | null }>();
  const sums = new Map<Node, { map: Node<"MatMul">; bias: Node }>();
  const order = topologicalOrder([output]);
  for (const value of order) {
    if (!isOp(value, "MatMul") || value.attributes.transposeA) continue;
    const [a, b] = value.inputs;
    if (varies(a!) && !varies(b!) && b!.shape.length === 2) maps.set(value, { bias: null });
  }
  for (const value of order) {
    if (!isOp(value, "Add")) continue;
    const map = value.inputs.find((parent) => maps.has(parent));
    const bias = value.inputs.find((parent) => !varies(parent));
    if (map === undefined || bias === undefined || bias.shape.length !== 1) continue;
    maps.set(map, { bias });
    sums.set(value, { map: map as Node<"MatMul">, bias });
  }
  return { maps, sums };
}
