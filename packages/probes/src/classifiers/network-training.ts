/** @file Trains a small network on every fold at once, as R1 does: Adam, batches of 128, a falling rate. */

import { z } from "zod";
import type { Matrix } from "../array.ts";
import type { Fold } from "../folds.ts";
import { float32, kernel } from "../kernels.ts";
import { adamState, adamStep } from "./adam.ts";
import { requireTwoClasses } from "./class-sums.ts";
import { type FitInput, type FoldFit, outputsOf, type Task } from "./classifier.ts";
import { batchFeeds, inOrder, joined } from "./network-batches.ts";
import { trainInBlocks } from "./network-blocks.ts";
import { type Evaluated, evaluateRows } from "./network-evaluation.ts";
import { fixedFeeds, initialParameters, trainingTargets } from "./network-state.ts";
import { createPlateau } from "./plateau.ts";
import { attending } from "./token-attention.ts";
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

/** A network to be trained, and how. */
export type Network = {
  /** Tells forwards of different meaning apart. */
  readonly name: string;
  readonly forward: Forward;
  /** See `NetworkSpec`. */
  readonly shared?: boolean;
  /** Numbers worth keeping of one fold's trained parameters. */
  readonly measure?: (
    parameter: (name: string) => Float32Array,
  ) => Readonly<Record<string, number>>;
};

/** Trains the network of every fold. */
export async function trainNetworks(
  input: FitInput,
  network: Network,
  options: TrainingOptions,
): Promise<readonly FoldFit[]> {
  if (input.sums.blocks !== undefined) return await trainInBlocks(input, network, options);
  const trainer = await createTrainer(input, attending(network, input.composition), options);
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
    ...(network.measure ? { measures: network.measure((name) => trainer.parameter(name, f)) } : {}),
  }));
}

export function requireFiniteLoss(
  loss: number,
  { fold, epoch }: { fold: number; epoch: number },
): void {
  if (Number.isFinite(loss)) return;
  throw new Error(
    `fold ${fold}: training diverged, the loss of epoch ${epoch} is ${loss}; expected a lower learningRate or standardise: true`,
  );
}

export type Trainer = {
  /** Turns to a block of the features with the targets of its rows: row numbers are then counted from its start. */
  use(block: Matrix, targets: Float32Array): void;
  /** One epoch over the given rows of each fold; returns the mean loss per fold. */
  train(orders: readonly Uint32Array[], rates: readonly number[]): Promise<readonly number[]>;
  /** Outputs and losses of the given rows of each fold. */
  evaluate(orders: readonly Uint32Array[]): Promise<readonly Evaluated[]>;
  /** One fold's part of a parameter, as it is now. */
  parameter(name: string, fold: number): Float32Array;
};

/** Compiles a network and its training graph, with parameters as they start. */
export async function createTrainer(
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
  const shapes = parameters.map((p) => `${p.name} ${p.shape}`).join(" ");
  const key = `${name} [${shapes}] ${JSON.stringify(spec)}`;
  const training = await kernel(`train ${key}`, () => trainingGraph(spec, parameters));
  const evaluation = await kernel(`evaluate ${key}`, () => evaluationGraph(spec, parameters));
  const fixed = fixedFeeds(input, options.standardise);
  let targets = input.sums.blocks === undefined ? trainingTargets(task) : new Float32Array(0);
  const states = initialParameters(parameters, input.random).map(adamState);
  const named = (prefix: string, arrays: readonly Float32Array[]) =>
    Object.fromEntries(
      parameters.map(({ name, shape }, i) => [`${prefix} ${name}`, float32(arrays[i]!, ...shape)]),
    );
  const now = named(
    "parameter",
    states.map(({ parameter }) => parameter),
  );
  // Written in every step: returning fresh arrays would cost more than the arithmetic.
  const slopes = states.map(({ parameter }) => new Float32Array(parameter.length));
  const into = named("gradient", slopes);
  const taken = folds.map(() => 0);

  const move = (fold: number, rate: number) => {
    taken[fold]! += 1;
    states.forEach((state, i) => {
      const size = state.parameter.length / folds.length;
      const part = { start: fold * size, end: (fold + 1) * size };
      adamStep(state, slopes[i]!, { ...part, rate, step: taken[fold]! });
    });
  };

  return {
    use(block, ofRows) {
      fixed.features = float32(block.data, block.rows, block.columns);
      targets = ofRows;
    },
    async train(orders, rates) {
      const longest = Math.max(...orders.map((order) => order.length));
      const sums = orders.map(() => 0);
      for (let start = 0; start < longest; start += options.batch) {
        const batches = orders.map((order) => order.subarray(start, start + options.batch));
        const feeds = batchFeeds(batches, { targets, spec });
        const found = await training.run({ ...fixed, ...feeds, ...now }, into);
        const losses = found.losses!.data as Float32Array;
        batches.forEach((rows, f) => {
          if (rows.length === 0) return;
          sums[f]! += losses[f]! * rows.length;
          move(f, rates[f]!);
        });
      }
      return orders.map((order, f) => sums[f]! / order.length);
    },
    evaluate: (orders) => evaluateRows(evaluation, { ...fixed, ...now }, { orders, targets, spec }),
    parameter(wanted, fold) {
      const state = states[parameters.findIndex((one) => one.name === wanted)];
      if (state === undefined) throw new Error(`internal: no parameter ${wanted}`);
      const size = state.parameter.length / folds.length;
      return state.parameter.subarray(fold * size, (fold + 1) * size);
    },
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

export function batchMeans(losses: Float64Array, batch: number): readonly number[] {
  const means: number[] = [];
  for (let start = 0; start < losses.length; start += batch) {
    means.push(mean(losses.subarray(start, start + batch)));
  }
  return means;
}
