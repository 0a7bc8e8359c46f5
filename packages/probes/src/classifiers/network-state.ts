/** @file What training graphs are fed besides rows: features, targets, parameters. */

import { float32 } from "../kernels.ts";
import type { Random } from "../random.ts";
import { type FitInput, outputsOf, type Task } from "./classifier.ts";
import { trainSpreads } from "./fold-moments.ts";
import type { Feeds } from "./network-batches.ts";
import type { NetworkParameter } from "./training-graph.ts";

/** Features (but those that are read in blocks), and each fold's mean and deviation where they are standardised: the same in every run. */
export function fixedFeeds({ features, sums, folds }: FitInput, standardise: boolean): Feeds {
  const { rows, columns } = features;
  const feeds: Feeds = {};
  if (sums.blocks === undefined) feeds.features = float32(features.data, rows, columns);
  if (!standardise) return feeds;
  const mean = new Float32Array(folds.length * columns);
  const deviation = new Float32Array(folds.length * columns);
  trainSpreads(sums, folds).forEach((spread, f) => {
    mean.set(
      spread.mean.map((value, j) => value + sums.mean[j]!),
      f * columns,
    );
    deviation.set(spread.deviation, f * columns);
  });
  feeds.mean = float32(mean, folds.length, 1, columns);
  feeds.deviation = float32(deviation, folds.length, 1, columns);
  return feeds;
}

/** What the outputs are compared with: 0 or 1, one column per class, or the regression target. */
export function trainingTargets(task: Task): Float32Array {
  const outputs = outputsOf(task);
  if (outputs === 1) return Float32Array.from(task.targets);
  const data = new Float32Array(task.targets.length * outputs);
  task.targets.forEach((label, row) => {
    data[row * outputs + label] = 1;
  });
  return data;
}

/** Parameters as they start, drawn per fold. */
export function initialParameters(
  parameters: readonly NetworkParameter[],
  random: Random,
): readonly Float32Array[] {
  return parameters.map(({ name, shape, bound }) => {
    const folds = shape[0]!;
    const data = new Float32Array(shape.reduce((product, n) => product * n, 1));
    const perFold = data.length / folds;
    for (let f = 0; f < folds; f++) {
      const stream = random.fork(`parameter ${name} ${f}`);
      for (let i = 0; i < perFold; i++) data[f * perFold + i] = (2 * stream.next() - 1) * bound;
    }
    return data;
  });
}
