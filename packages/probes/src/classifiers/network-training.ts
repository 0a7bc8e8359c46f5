/** @file Trains a small network on every fold at once, as R1 does: Adam, batches of 128, a falling rate. */

import { z } from "zod";
import type { Fold } from "../folds.ts";
import { kernel } from "../kernels.ts";
import { requireTwoClasses } from "./class-sums.ts";
import { type FitInput, type FoldFit, outputsOf, type Task } from "./classifier.ts";
import { inOrder, joined, stepFeeds, stepsPerRun } from "./network-batches.ts";
import { type Evaluated, evaluateRows } from "./network-evaluation.ts";
import {
  fixedFeeds,
  initialState,
  nextState,
  scalarFeeds,
  trainingTargets,
} from "./network-state.ts";
import { createPlateau } from "./plateau.ts";
import {
  evaluationGraph,
  type Forward,
  type NetworkSpec,
  networkParameters,
  trainingGraph,
} from "./training-graph.ts";

/** Options that every trained network has; the defaults are R1's. */
export const trainingOptions = {
  /** Passes over the training rows. */
  epochs: z.int().positive().default(30),
  /** Rows per step. */
  batch: z.int().positive().default(128),
  /** Adam's rate at the start; it falls where the validation loss stops falling. */
  learningRate: z.number().positive().default(1e-3),
  /** Divide features by their deviation in the training rows. */
  standardise: z.boolean().default(false),
} as const;

const schema = z.object(trainingOptions);
export type TrainingOptions = z.infer<typeof schema>;

type Network = {
  /** Tells forwards of different meaning apart. */
  readonly name: string;
  readonly forward: Forward;
  /** See `NetworkSpec`. */
  readonly shared?: boolean;
};

/** Trains the network of every fold. */
export async function trainNetworks(
  input: FitInput,
  network: Network,
  options: TrainingOptions,
): Promise<readonly FoldFit[]> {
  const trainer = await createTrainer(input, network, options);
  const { folds, features } = input;
  const shuffles = input.random.fork("shuffle");
  const plateaus = folds.map(() => createPlateau(options.learningRate));
  const history = folds.map(() => ({
    train: [] as number[],
    validation: [] as number[],
    test: [] as number[],
  }));
  for (let epoch = 0; epoch < options.epochs; epoch++) {
    const rates = plateaus.map((plateau) => plateau.rate());
    const order = shuffles.permutation(features.rows);
    const train = await trainer.train(
      folds.map((fold) => inOrder(order, fold.train)),
      rates,
    );
    const validationRows = folds.map((fold) => inOrder(order, fold.validation));
    const held = await trainer.evaluate(
      folds.map((fold, f) => joined(validationRows[f]!, fold.test)),
    );
    folds.forEach((_, f) => {
      history[f]!.train.push(train[f]!);
      const count = validationRows[f]!.length;
      const validation = held[f]!.losses.subarray(0, count);
      history[f]!.test.push(mean(held[f]!.losses.subarray(count)));
      // R1 steps the schedule once per validation batch; without validation rows, once per epoch.
      const batches = batchMeans(validation, options.batch);
      for (const loss of batches.length > 0 ? batches : [train[f]!]) plateaus[f]!.observe(loss);
      if (count > 0) history[f]!.validation.push(mean(validation));
      requireFiniteLoss(train[f]!, { fold: f, epoch });
    });
  }
  const validation = await trainer.evaluate(folds.map((fold) => fold.validation));
  const test = await trainer.evaluate(folds.map((fold) => fold.test));
  return folds.map((_, f) => ({
    validation: validation[f]!.outputs,
    test: test[f]!.outputs,
    losses: history[f]!,
  }));
}

function requireFiniteLoss(loss: number, { fold, epoch }: { fold: number; epoch: number }): void {
  if (Number.isFinite(loss)) return;
  throw new Error(
    `fold ${fold}: training diverged, the loss of epoch ${epoch} is ${loss}; expected a lower learningRate or standardise: true`,
  );
}

type Trainer = {
  /** One epoch over the given rows of each fold; returns the mean loss per fold. */
  train(orders: readonly Uint32Array[], rates: readonly number[]): Promise<readonly number[]>;
  /** Outputs and losses of the given rows of each fold. */
  evaluate(orders: readonly Uint32Array[]): Promise<readonly Evaluated[]>;
};

async function createTrainer(
  input: FitInput,
  { name, forward, shared = false }: Network,
  options: TrainingOptions,
): Promise<Trainer> {
  const { features, folds, task } = input;
  const outputs = outputsOf(task);
  const spec: NetworkSpec = {
    forward,
    folds: folds.length,
    width: features.columns,
    outputs,
    loss: task.kind === "regression" ? "squared" : outputs === 1 ? "binary" : "softmax",
    standardise: options.standardise,
    shared,
  };
  requireClasses(folds, task);
  const parameters = networkParameters(spec);
  const { batch } = options;
  const shapes = parameters.map((p) => `${p.name} ${p.shape}`).join(" ");
  const size = [folds.length, features.columns, outputs, spec.loss, options.standardise];
  const key = `${name} [${shapes}] ${size.join(" ")}`;
  const training = await kernel(`train ${key}`, () => trainingGraph(spec, parameters, stepsPerRun));
  const evaluation = await kernel(`evaluate ${key}`, () => evaluationGraph(spec, parameters));
  const fixed = fixedFeeds(input, options.standardise);
  const targets = trainingTargets(task);
  let state = initialState(parameters, input.random);
  const taken = folds.map(() => 0);

  return {
    async train(orders, rates) {
      const counts = orders.map((order) => Math.ceil(order.length / batch));
      const sums = orders.map(() => 0);
      for (let start = 0; start < Math.max(...counts); start += stepsPerRun) {
        const feeds = stepFeeds(orders, { start, batch, targets, spec });
        const found = await training.run({
          ...fixed,
          ...feeds,
          ...scalarFeeds(
            rates,
            taken.map((count) => count + start),
          ),
          ...state,
        });
        state = nextState(state, found);
        for (let s = 0; s < stepsPerRun; s++) {
          const losses = found[`loss ${s}`]!.data as Float32Array;
          orders.forEach((order, f) => {
            const rows = Math.min(batch, order.length - (start + s) * batch);
            if (rows > 0) sums[f]! += losses[f]! * rows;
          });
        }
      }
      counts.forEach((count, f) => {
        taken[f]! += count;
      });
      return orders.map((order, f) => sums[f]! / order.length);
    },
    evaluate: (orders) =>
      evaluateRows(evaluation, { ...fixed, ...state }, { orders, targets, spec }),
  };
}

function requireClasses(folds: readonly Fold[], task: Task): void {
  if (task.kind === "regression") return;
  folds.forEach(({ train }, f) => {
    const counts = new Float64Array(task.classes);
    for (const row of train) counts[task.targets[row]!]! += 1;
    requireTwoClasses(counts, f);
  });
}

function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum / values.length;
}

function batchMeans(losses: Float64Array, batch: number): readonly number[] {
  const means: number[] = [];
  for (let start = 0; start < losses.length; start += batch) {
    means.push(mean(losses.subarray(start, start + batch)));
  }
  return means;
}
