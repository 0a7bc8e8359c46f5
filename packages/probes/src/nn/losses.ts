/** @file Losses: weighted sums over rows, so that a batch may be cut into pieces whose gradients add up. */

import {
  add,
  constant,
  gather,
  gatherElements,
  logSoftmax,
  mul,
  type Node,
  neg,
  reduceSum,
  reshape,
  scale,
  square,
  sub,
  unsqueeze,
} from "../graph/index.ts";
import { widthOf } from "./layers.ts";

/**
 * -Σ weight · log softmax(logits)[label], as torch's CrossEntropyLoss: with label smoothing ε a row's
 * target is (1 - ε) on its label and ε / classes everywhere; class weights multiply each class's part.
 * logits [rows, classes] (leading axes are flattened), labels int64 and weights as many as rows.
 */
export function crossEntropy(
  logits: Node,
  {
    labels,
    weights,
    labelSmoothing = 0,
    classWeights,
  }: {
    readonly labels: Node;
    /** One per row, from `rowWeights`; a row of weight 0 is ignored. */
    readonly weights: Node;
    readonly labelSmoothing?: number;
    readonly classWeights?: readonly number[] | undefined;
  },
): Node {
  const classes = widthOf(logits);
  const logarithms = logSoftmax(reshape(logits, [-1, classes])); // [rows, classes]
  const rows = logarithms.shape[0]!;
  const importance = classWeights && constant(Float32Array.from(classWeights));
  const weighted = importance ? mul(logarithms, importance) : logarithms;
  const column = reshape(labels, [rows, 1]);
  const own = reshape(gatherElements(weighted, column, 1), [rows]);
  const spread = reduceSum(weighted, [1]); // [rows]
  const likelihood =
    labelSmoothing === 0
      ? own
      : add(scale(own, 1 - labelSmoothing), scale(spread, labelSmoothing / classes));
  return neg(reduceSum(mul(likelihood, reshape(weights, [rows]))));
}

/** Σ weight · (predicted - target)². predicted [rows, 1], the others [rows] */
export function squaredError(
  predicted: Node,
  { targets, weights }: { readonly targets: Node; readonly weights: Node },
): Node {
  const error = sub(reshape(predicted, targets.shape), targets);
  return reduceSum(mul(square(error), weights));
}

/**
 * The tokens at the given places of the flattened batch, as a batch of one text: a language model's
 * head then computes logits for masked tokens only. x [batch, tokens, width], places int64 [n]
 * (text · tokens + token) -> [1, n, width]
 */
export function pickTokens(x: Node, places: Node): Node {
  return unsqueeze(gather(reshape(x, [-1, widthOf(x)]), places), 0);
}

/**
 * The weight of each row such that the weighted sum is torch's mean: 1 / Σ (class weights of the
 * labels), and 0 for the rows ignored (negative labels). `total` divides by another sum, that of all
 * pieces of a batch whose gradients are accumulated.
 */
export function rowWeights(
  labels: ArrayLike<number>,
  {
    classWeights,
    total = labelWeight(labels, classWeights),
  }: {
    readonly classWeights?: readonly number[] | undefined;
    readonly total?: number;
  } = {},
): Float32Array {
  return Float32Array.from(labels, (label) => (label < 0 || total === 0 ? 0 : 1 / total));
}

/** Σ class weights of the labels that count: their number where there are no class weights. */
export function labelWeight(
  labels: ArrayLike<number>,
  classWeights?: readonly number[] | undefined,
): number {
  return Array.from(labels).reduce(
    (sum, label) => (label < 0 ? sum : sum + (classWeights?.[label] ?? 1)),
    0,
  );
}
