/** @file Layer-wise relevance propagation: epsilon, alpha-beta and AttnLRP rules, with what biases take. */

import {
  add,
  fill,
  gradients,
  isOp,
  mul,
  type Node,
  type RuleTable,
  reduceSum,
  sub,
} from "../graph/index.ts";
import { alphaBetaRules } from "./alpha-beta.ts";
import { attribution, type LayerScores, sumOf } from "./attribution.ts";
import { dependents, type Explained } from "./explained.ts";
import { explicitRelevanceRules, relevanceGradientRules } from "./relevance-rules.ts";
import type { Row, Walk } from "./walk.ts";

/** Which rules relevance follows; see docs/attribution.md. */
export type RelevanceOptions = {
  /**
   * `attention`: AttnLRP (Achtibat et al. 2024), relevance flows through the softmax too.
   * `epsilon` and `alpha-beta` (Bach et al. 2015) hold attention weights fixed.
   */
  readonly rules: "attention" | "epsilon" | "alpha-beta";
  /** The ε of the epsilon rule. */
  readonly epsilon: number;
  /** The α of the alpha-beta rule; β = α - 1. */
  readonly alpha: number;
};

/** Relevance of one walk. */
export type Relevance = {
  /** [batch, tokens] */
  readonly scores: Node;
  /** At each hidden state that lies above the source, by its number. [batch, tokens] each */
  readonly layers: ReadonlyMap<number, Node>;
  /** What biases took on the way. [batch] */
  readonly biases: Node;
  /** What the softmax's constant term took (AttnLRP only). [batch] */
  readonly softmax: Node;
};

/** Propagates the value back to the source. */
export function relevance(
  explained: Explained,
  options: RelevanceOptions,
  form: "gradient" | "explicit" = options.rules === "attention" ? "gradient" : "explicit",
): Relevance {
  const { value, source, hiddenStates } = explained;
  const fixed = options.rules === "attention" ? () => false : (v: Node) => isOp(v, "Softmax");
  const variable = dependents(value, source, fixed);
  const varies = (v: Node) => variable.has(v);
  const table = relevanceGradientRules(varies);
  const rules = tableOf(options, { table, varies, value, form });
  const above = hiddenStates.filter((state) => variable.has(state) && state !== source);
  const absorbers = [...variable].filter(
    (v) => isOp(v, "Softmax") || (v !== source && takes(v, varies)),
  );
  const targets = [source, ...above, ...absorbers];
  const seed = form === "gradient" ? fill(1, value.shape) : value;
  const arrived = gradients(value, targets, { seed, rules });
  const amount = (v: Node, at: Node) => (form === "gradient" ? mul(at, v) : at);
  const relevanceAt = targets.map((target, i) => amount(target, arrived[i]!));
  let biases: Node = fill(0, value.shape);
  let softmax: Node = fill(0, value.shape);
  absorbers.forEach((v, i) => {
    const at = arrived[1 + above.length + i]!;
    if (isOp(at, "Fill")) return; // never reached
    const contributions = (rules[v.op] as RuleTable[keyof RuleTable])(at, v as never);
    if (isOp(v, "Softmax")) {
      const left = perText(amount(v.inputs[0]!, contributions[0]!));
      softmax = add(softmax, sub(perText(amount(v, at)), left));
      return;
    }
    contributions.forEach((contribution, j) => {
      if (contribution === null || varies(v.inputs[j]!)) return;
      biases = add(biases, perText(amount(v.inputs[j]!, contribution)));
    });
  });
  const [scores, ...others] = relevanceAt
    .slice(0, 1 + above.length)
    .map((at) => reduceSum(at, [2]));
  const layers = new Map(above.map((state, i) => [hiddenStates.indexOf(state), others[i]!]));
  return { scores: scores!, layers, biases, softmax };
}

/** Whether something that does not depend on the input can take relevance here: an addend, a bias. */
function takes(value: Node, varies: (v: Node) => boolean): boolean {
  const op = isOp(value, "Add") || isOp(value, "Sub") || isOp(value, "LayerNormalization");
  return op && value.inputs.some(varies) && !value.inputs.every(varies);
}

/** Sum over everything but the batch. [batch] */
export function perText(x: Node): Node {
  const axes = x.shape.map((_, i) => i).slice(1);
  return axes.length === 0 ? x : reduceSum(x, axes);
}

type Tables = {
  readonly table: RuleTable;
  readonly varies: (value: Node) => boolean;
  readonly value: Node;
  readonly form: "gradient" | "explicit";
};

function tableOf(options: RelevanceOptions, { table, varies, value, form }: Tables): RuleTable {
  if (form === "gradient") return table;
  const epsilon = options.rules === "epsilon" ? options.epsilon : 1e-9;
  const explicit = explicitRelevanceRules(table, epsilon);
  if (options.rules !== "alpha-beta") return explicit;
  return alphaBetaRules(explicit, { varies, output: value, alpha: options.alpha });
}

/**
 * LRP as a method: signed relevance per token, at the source and at every hidden state above it; the residual is
 * what is lost to ε and rounding. `details.layers` are the sums of the layers, which only biases and softmax change.
 */
export const lrp = (options: RelevanceOptions): Walk => ({
  kind: "walk",
  build: ({ explained }) => {
    const { scores, layers, biases, softmax } = relevance(explained, options);
    const named = [...layers].map(([number, layer]) => [`layer.${number}`, layer] as const);
    return { scores, biases, softmax, ...Object.fromEntries(named) };
  },
  read: (row) => {
    const scores = row.tokens("scores");
    const biases = row.number("biases");
    const softmax = row.number("softmax");
    const layers = layersOf(row, scores);
    return attribution(scores, {
      residual: row.value - sumOf(scores) - biases - softmax,
      layers,
      details: { biases, softmax, layers: layers.map((layer) => sumOf(layer.scores)) },
    });
  },
});

/** Relevance from the lowest hidden state up; the source stands for the embeddings unless these lie above it. */
function layersOf(row: Row, source: Float32Array): readonly LayerScores[] {
  const found: LayerScores[] = row.has("layer.0") ? [] : [{ layer: 0, scores: source }];
  for (let i = found.length; row.has(`layer.${i}`); i++) {
    found.push({ layer: i, scores: row.tokens(`layer.${i}`) });
  }
  return found;
}
