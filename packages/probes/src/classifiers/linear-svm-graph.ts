/** @file Squared hinge losses and gradients of the linear support vector machines of all folds, in one graph. */

import {
  abs,
  add,
  cast,
  constant,
  input,
  matMul,
  mul,
  type Node,
  reduceMax,
  reduceSum,
  relu,
  reshape,
  scale,
  square,
  sub,
} from "../graph/index.ts";

/**
 * Fold f minimises Σ_ik m_if max(0, 1 - y_ik z_ik)² + Σ_k (Σ_j penalty_fkj w_fkj² + β_fk² / c_f) / 2, where m is 1/n on the rows
 * it trains on and 0 elsewhere, 1 / c_f the penalty of the intercept β = bias + w · offset, and w = u P for a matrix P that
 * makes the problem round. Inputs: x [rows, columns], y [rows, outputs] of ±1, m [rows, folds], penalty, offset and u
 * [folds·outputs, columns], P, bias and shrink (1 / c_f) [1, folds·outputs], units [1, columns].
 */
export function linearSvmGraph(folds: number, outputs: number): Readonly<Record<string, Node>> {
  const all = folds * outputs;
  const x = input("x", ["rows", "columns"]);
  const y = input("y", ["rows", 1, outputs]);
  const m = input("m", ["rows", folds, 1]);
  const penalty = input("penalty", [all, "columns"]);
  const offset = input("offset", [all, "columns"]);
  const u = input("u", [all, "columns"]);
  const bias = input("bias", [1, all]);
  const shrink = input("shrink", [1, all]);
  const p = input("p", ["columns", "columns"]);
  const units = input("units", [1, "columns"]);

  const w = matMul(u, p);
  const logits = add(matMul(x, w, { transposeB: true }), bias); // [rows, folds·outputs]
  const margins = mul(reshape(logits, ["rows", folds, outputs]), y);
  const short = relu(sub(constant(1), margins)); // [rows, folds, outputs]
  const slopes = reshape(mul(mul(scale(short, -2), y), m), ["rows", all]);
  const intercept = add(bias, reshape(reduceSum(mul(w, offset), [1]), [1, all]));
  const pull = mul(shrink, intercept); // [1, folds·outputs]
  const raw = add(
    add(matMul(slopes, x, { transposeA: true }), mul(penalty, w)),
    mul(reshape(pull, [all, 1]), offset),
  ); // [folds·outputs, columns]
  const sizes = add(reduceSum(mul(penalty, square(w)), [1]), reshape(mul(pull, intercept), [all]));
  return {
    loss: reduceSum(cast(mul(square(short), m), "float64"), [0, 2]), // [folds]
    shrinkage: reduceSum(cast(reshape(sizes, [folds, outputs]), "float64"), [1]),
    weights: w,
    gradient: matMul(raw, p, { transposeB: true }),
    biasGradient: add(reduceSum(slopes, [0]), reshape(pull, [all])),
    steepest: reduceMax(abs(mul(raw, units)), [1]),
  };
}
