/** @file Losses and gradients of the logistic regressions of all folds, in one graph. */

import {
  abs,
  add,
  cast,
  constant,
  exp,
  input,
  logSoftmax,
  matMul,
  mul,
  type Node,
  reduceMax,
  reduceSum,
  reshape,
  scale,
  sigmoid,
  softplus,
  square,
  sub,
} from "../graph/index.ts";

/**
 * Fold f minimises Σ_i m_if loss_if + Σ_kj penalty_fkj w_fkj² / 2, m being 1/n on the n rows it trains on
 * and 0 elsewhere. Its weights are w = u P for a matrix P that makes the problem round. Inputs: x [rows,
 * columns], y [rows, outputs], m [rows, folds], penalty and u [folds·outputs, columns], P, bias [1, folds·outputs], and the
 * units in which the steepest slope is measured, [1, columns].
 */
export function logisticGraph(folds: number, outputs: number): Readonly<Record<string, Node>> {
  const all = folds * outputs;
  const x = input("x", ["rows", "columns"]);
  const y = input("y", ["rows", outputs]);
  const m = input("m", ["rows", folds]);
  const penalty = input("penalty", [all, "columns"]);
  const u = input("u", [all, "columns"]);
  const bias = input("bias", [1, all]);
  const p = input("p", ["columns", "columns"]);
  const units = input("units", [1, "columns"]);

  const w = matMul(u, p);
  const logits = add(matMul(x, w, { transposeB: true }), bias); // [rows, folds·outputs]
  const { losses, slopes } =
    outputs === 1 ? binary(logits, y) : softmax(logits, y, { folds, outputs });
  const weighted = mul(slopes, reshape(m, ["rows", folds, 1])); // [rows, folds, outputs]
  const flat = reshape(weighted, ["rows", all]);
  const raw = add(matMul(flat, x, { transposeA: true }), mul(penalty, w)); // [folds·outputs, columns]
  const shrinkage = reshape(mul(penalty, square(w)), [folds, -1]);
  return {
    loss: reduceSum(cast(mul(losses, m), "float64"), [0]), // [folds]
    shrinkage: reduceSum(cast(shrinkage, "float64"), [1]),
    gradient: matMul(raw, p, { transposeB: true }),
    biasGradient: reduceSum(flat, [0]),
    steepest: reduceMax(abs(mul(raw, units)), [1]),
  };
}

type Parts = { readonly losses: Node; readonly slopes: Node };

/** log(1 + e^{±z}), minus where y is 1: exact for small losses, unlike log(1 + e^z) - y z. */
export function binary(logits: Node, y: Node): Parts {
  const losses = softplus(mul(logits, sub(constant(1), scale(y, 2)))); // [rows, folds]
  return { losses, slopes: reshape(sub(sigmoid(logits), y), ["rows", logits.shape[1]!, 1]) };
}

type Sizes = { readonly folds: number; readonly outputs: number };

/** -Σ_k y_k log softmax(z)_k for a logit per fold and class. */
export function softmax(logits: Node, y: Node, { folds, outputs }: Sizes): Parts {
  const logs = logSoftmax(reshape(logits, ["rows", folds, outputs]), 2);
  const label = reshape(y, ["rows", 1, outputs]);
  const losses = scale(reduceSum(mul(logs, label), [2]), -1); // [rows, folds]
  return { losses, slopes: sub(exp(logs), label) };
}
