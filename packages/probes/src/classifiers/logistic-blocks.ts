/** @file Logistic regressions of all folds on features that are read in blocks: every step is one pass over them. */

import { add, cast, input, matMul, mul, type Node, reduceSum, reshape } from "../graph/index.ts";
import { float32, kernel } from "../kernels.ts";
import { type Evaluation, minimiseAll } from "../minimise.ts";
import { centredBlocks, rowList, rowsWithin } from "../row-blocks.ts";
import { requireTwoClasses } from "./class-sums.ts";
import { type FitInput, type FoldFit, outputsOf } from "./classifier.ts";
import { scalesOf, trainSpreads } from "./fold-moments.ts";
import { scoreLinear } from "./linear-scores.ts";
import {
  curvature,
  decrement,
  type LogisticOptions,
  penalties,
  preconditioner,
} from "./logistic.ts";
import { binary, softmax } from "./logistic-graph.ts";
import { withRule } from "./rule.ts";

/** As `logistic` on features in memory: the same function, minimised by the same steps. */
export async function fitLogisticBlocks(
  given: FitInput,
  { c, tolerance, iterations, standardise, rule }: LogisticOptions,
): Promise<readonly FoldFit[]> {
  const { folds, task, sums } = given;
  const source = sums.blocks;
  if (task.kind !== "classification" || source === undefined) {
    throw new Error("internal: blocks of a logistic regression");
  }
  const outputs = outputsOf(task);
  const size = source.columns;
  const all = folds.length * outputs;
  const scales = trainSpreads(sums, folds).map((spread) => scalesOf(spread, standardise));
  const penalty = penalties(folds, scales, { c, outputs });
  const { p, units } = await preconditioner(given, { c, tolerance, iterations, standardise, rule });
  const session = await kernel(`logistic block ${folds.length} ${outputs}`, () =>
    blockGraph(folds.length, outputs),
  );
  const lists = folds.map(({ train }, f) => {
    const counts = new Float64Array(task.classes);
    for (const row of train) counts[task.targets[row]!]! += 1;
    requireTwoClasses(counts, f);
    return rowList(train);
  });
  const biasScale = 1 / Math.sqrt(curvature(outputs));
  let weights = new Float32Array(all * size);

  /** Sums over all rows, block by block: loss per fold, and slopes along weights and intercepts. */
  const pass = async (w: Float32Array, bias: Float32Array) => {
    const loss = new Float64Array(folds.length);
    const slopes = new Float64Array(all * size);
    const biasSlopes = new Float64Array(all);
    for (const block of centredBlocks(source, sums.mean)) {
      const { rows } = block.matrix;
      const y = new Float32Array(rows * outputs);
      for (let i = 0; i < rows; i++) {
        const label = task.targets[block.start + i]!;
        if (outputs === 1) y[i] = label;
        else y[i * outputs + label] = 1;
      }
      const m = new Float32Array(rows * folds.length);
      lists.forEach((list, f) => {
        for (const row of rowsWithin(list, block).rows) {
          m[row * folds.length + f] = 1 / list.rows.length;
        }
      });
      const found = await session.run({
        x: float32(block.matrix.data, rows, size),
        y: float32(y, rows, outputs),
        m: float32(m, rows, folds.length),
        w: float32(w, all, size),
        bias: float32(bias, 1, all),
      });
      const plus = (to: Float64Array, name: string) => {
        const from = found[name]!.data as Float32Array | Float64Array;
        for (let i = 0; i < to.length; i++) to[i]! += from[i]!;
      };
      plus(loss, "loss");
      plus(slopes, "slopes");
      plus(biasSlopes, "biasSlopes");
    }
    return { loss, slopes, biasSlopes };
  };

  const evaluate = async (positions: readonly Float64Array[]): Promise<readonly Evaluation[]> => {
    const u = new Float64Array(all * size);
    const bias = new Float32Array(all);
    positions.forEach((position, f) => {
      u.set(position.subarray(0, outputs * size), f * outputs * size);
      for (let k = 0; k < outputs; k++) {
        bias[f * outputs + k] = position[outputs * size + k]! * biasScale;
      }
    });
    const w = timesLower(u, p, size);
    weights = Float32Array.from(w);
    const { loss, slopes, biasSlopes } = await pass(weights, bias);
    const raw = slopes.map((slope, at) => slope + penalty[at]! * w[at]!);
    const back = timesLowerTransposed(raw, p, size);
    return positions.map((_, f) => {
      const [from, to] = [f * outputs * size, (f + 1) * outputs * size];
      const gradient = new Float64Array(outputs * (size + 1));
      gradient.set(back.subarray(from, to));
      let largest = 0;
      let shrinkage = 0;
      for (let at = from; at < to; at++) {
        largest = Math.max(largest, Math.abs(raw[at]! * units[at % size]!));
        shrinkage += penalty[at]! * w[at]! ** 2;
      }
      for (let k = 0; k < outputs; k++) {
        const slope = biasSlopes[f * outputs + k]! * biasScale;
        gradient[outputs * size + k] = slope;
        largest = Math.max(largest, Math.abs(slope));
      }
      const squared = gradient.reduce((sum, value) => sum + value * value, 0);
      return {
        value: loss[f]! + shrinkage / 2,
        gradient,
        converged: largest <= tolerance && squared / 2 <= decrement,
        nearly: squared / 2 <= 1000 * decrement,
      };
    });
  };

  const starts = folds.map(() => new Float64Array(outputs * (size + 1)));
  const minima = await minimiseAll(starts, evaluate, { iterations });
  const models = minima.map(({ position }) => ({
    weights: Array.from({ length: outputs }, (_, k) =>
      timesLower(position.subarray(k * size, (k + 1) * size), p, size),
    ),
    intercepts: Array.from(
      { length: outputs },
      (_, k) => position[outputs * size + k]! * biasScale,
    ),
  }));
  const fits = scoreLinear(given, models).map((fit, f) => ({
    ...fit,
    objective: minima[f]!.value,
    flags: minima[f]!.converged ? [] : ["not converged"],
  }));
  return withRule(given, fits, rule);
}

/** Losses and slopes of one block: x [rows, columns], y [rows, outputs], m [rows, folds], w [folds·outputs, columns]. */
function blockGraph(folds: number, outputs: number): Readonly<Record<string, Node>> {
  const all = folds * outputs;
  const x = input("x", ["rows", "columns"]);
  const y = input("y", ["rows", outputs]);
  const m = input("m", ["rows", folds]);
  const w = input("w", [all, "columns"]);
  const bias = input("bias", [1, all]);
  const logits = add(matMul(x, w, { transposeB: true }), bias);
  const { losses, slopes } =
    outputs === 1 ? binary(logits, y) : softmax(logits, y, { folds, outputs });
  const flat = reshape(mul(slopes, reshape(m, ["rows", folds, 1])), ["rows", all]);
  return {
    loss: reduceSum(cast(mul(losses, m), "float64"), [0]), // [folds]
    slopes: matMul(flat, x, { transposeA: true }), // [folds·outputs, columns]
    biasSlopes: reduceSum(cast(flat, "float64"), [0]),
  };
}

/** U P for rows of U and a lower triangle P [size, size]. */
function timesLower(u: Float64Array, p: Float32Array, size: number): Float64Array {
  const out = new Float64Array(u.length);
  for (let row = 0; row < u.length; row += size) {
    for (let i = 0; i < size; i++) {
      const factor = u[row + i]!;
      if (factor === 0) continue;
      for (let j = 0; j <= i; j++) out[row + j]! += factor * p[i * size + j]!;
    }
  }
  return out;
}

/** G Pᵀ. */
function timesLowerTransposed(g: Float64Array, p: Float32Array, size: number): Float64Array {
  const out = new Float64Array(g.length);
  for (let row = 0; row < g.length; row += size) {
    for (let i = 0; i < size; i++) {
      let sum = 0;
      for (let j = 0; j <= i; j++) sum += g[row + j]! * p[i * size + j]!;
      out[row + i] = sum;
    }
  }
  return out;
}
