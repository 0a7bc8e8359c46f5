/** @file The LRP variant of Wu and Ong 2021, as their code computes it; it does not conserve relevance. */

import {
  abs,
  add,
  constant,
  div,
  gradientRules,
  gradients,
  matMul,
  maximum,
  minimum,
  mul,
  type Node,
  type RuleTable,
  reduceSum,
  reshape,
  scale,
  shift,
} from "../graph/index.ts";
import { linearMaps } from "./alpha-beta.ts";
import { attribution } from "./attribution.ts";
import { dependents, type Explained } from "./explained.ts";
import { perText } from "./relevance.ts";
import type { Walk } from "./walk.ts";

const epsilon = 1e-7;

/** Token scores Σ_d |R|. [batch, tokens] */
export function wuOngRelevance({ value, source }: Explained): Node {
  const variable = dependents(value, source);
  const rules = wuOngRules(value, (v) => variable.has(v));
  const [r] = gradients(value, [source], { seed: value, rules });
  return reduceSum(abs(r!), [2]);
}

/**
 * Linear maps split by the sign of the weight alone (half of the relevance to each part) and are
 * rescaled to the sum that came in, signs lost; activations pass relevance on; everything else,
 * layer norm, residual and attention included, is a plain gradient with relevance in its place.
 */
function wuOngRules(output: Node, varies: (value: Node) => boolean): RuleTable {
  const { maps, sums } = linearMaps(output, varies);
  const pass = (r: Node) => [r];
  return {
    ...gradientRules,
    Tanh: pass,
    Gelu: pass,
    Relu: pass,
    Add: (r, y) => (sums.has(y) ? y.inputs.map((x) => (varies(x) ? r : null)) : [r, r]),
    MatMul: (r, y) => {
      const map = maps.get(y);
      if (map === undefined) return gradientRules.MatMul(r, y);
      const x = y.inputs[0]!;
      const halves = ([maximum, minimum] as const).map((pick, i) => {
        const w = pick(y.inputs[1]!, constant(0));
        const product = matMul(x, w, y.attributes);
        const z = map.bias === null ? product : add(product, pick(map.bias, constant(0)));
        const share = div(r, shift(z, i === 0 ? epsilon : -epsilon));
        return matMul(share, w, { ...y.attributes, transposeB: !y.attributes.transposeB });
      });
      return [rescale(mul(x, scale(add(halves[0]!, halves[1]!), 0.5)), r), null];
    },
  };
}

/** |R of the input| with the sum of the relevance that came in, per text. */
function rescale(inner: Node, r: Node): Node {
  const size = abs(inner);
  const factor = div(shift(perText(r), epsilon), shift(perText(size), epsilon)); // [batch]
  return mul(size, reshape(factor, ["batch", ...inner.shape.slice(1).map(() => 1)]));
}

/** Kept for comparison: scores are never negative, and their sum means nothing. */
export const lrpWuOng = (): Walk => ({
  kind: "walk",
  build: ({ explained }) => ({ scores: wuOngRelevance(explained) }),
  read: (row) => attribution(row.tokens("scores")),
});
