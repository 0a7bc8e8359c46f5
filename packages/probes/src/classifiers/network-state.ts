/** @file What training graphs are fed besides rows: features, targets, parameters and optimizer slots. */

import { float32 } from "../kernels.ts";
import type { Random } from "../random.ts";
import { type FitInput, outputsOf, type Task } from "./classifier.ts";
import { trainSpreads } from "./fold-moments.ts";
import { type Feeds, stepsPerRun } from "./network-batches.ts";
import { type NetworkParameter, optimizer } from "./training-graph.ts";

/** Features, and each fold's mean and deviation where they are standardised: the same in every run. */
export function fixedFeeds({ features, sums, folds }: FitInput, standardise: boolean): Feeds {
  const { rows, columns } = features;
  const feeds: Feeds = { features: float32(features.data, rows, columns) };
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

/** Parameters as they start, drawn per fold, and empty optimizer slots. */
export function initialState(parameters: readonly NetworkParameter[], random: Random): Feeds {
  const state: Feeds = {};
  for (const { name, shape, bound } of parameters) {
    const size = shape.reduce((product, n) => product * n, 1);
    const data = new Float32Array(size);
    const perFold = size / shape[0]!;
    for (let f = 0; f < shape[0]!; f++) {
      const stream = random.fork(`parameter ${name} ${f}`);
      for (let i = 0; i < perFold; i++) data[f * perFold + i] = (2 * stream.next() - 1) * bound;
    }
    state[`parameter ${name}`] = float32(data, ...shape);
    for (const slot of optimizer.slots) {
      state[`${slot} ${name}`] = float32(new Float32Array(size), ...shape);
    }
  }
  return state;
}

/** The state that a run of steps returned. */
export function nextState(state: Feeds, found: Feeds): Feeds {
  return Object.fromEntries(Object.keys(state).map((name) => [name, found[`next ${name}`]!]));
}

/** The optimizer's scalars of each step and fold, after the steps that each fold has taken. */
export function scalarFeeds(rates: readonly number[], taken: readonly number[]): Feeds {
  const folds = rates.length;
  const feeds: Feeds = {};
  for (const name of optimizer.scalarNames) {
    feeds[name] = float32(new Float32Array(stepsPerRun * folds), stepsPerRun, folds, 1, 1);
  }
  for (let s = 0; s < stepsPerRun; s++) {
    rates.forEach((learningRate, f) => {
      const settings = { step: taken[f]! + s, learningRate, weightDecay: 0, gradientScale: 1 };
      for (const [name, value] of Object.entries(optimizer.scalars(settings))) {
        feeds[name]!.data[s * folds + f] = value;
      }
    });
  }
  return feeds;
}
