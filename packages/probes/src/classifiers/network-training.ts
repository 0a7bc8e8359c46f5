/** @file Trains a small network on every fold at once, as R1 does: Adam, batches of 128, a falling rate. */

import { z } from "zod";
import type { Matrix } from "../array.ts";
import type { Fold } from "../folds.ts";
import type { Session, Tensor } from "../graph/index.ts";
import { float32, kernel } from "../kernels.ts";
import type { Random } from "../random.ts";
import { requireTwoClasses } from "./class-sums.ts";
import { type FitInput, type FoldFit, outputsOf, type Task } from "./classifier.ts";
import { trainSpreads } from "./fold-moments.ts";
import { createPlateau } from "./plateau.ts";
import {
  evaluationGraph,
  type Forward,
  type NetworkParameter,
  type NetworkSpec,
  networkParameters,
  optimizer,
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

/** Steps per run of the graph: enough that starting a run costs little beside it. */
const stepsPerRun = 8;

/** Numbers gathered at once for an evaluation. */
const evaluationLimit = 2 ** 23;

type Named = { readonly name: string; readonly forward: Forward };
type Feeds = Record<string, Tensor>;

/** Trains the network of every fold; `name` must tell forwards of different meaning apart. */
export async function trainNetworks(
  input: FitInput,
  { name, forward }: Named,
  options: TrainingOptions,
): Promise<readonly FoldFit[]> {
  const trainer = await createTrainer(input, { name, forward }, options);
  const { folds, random } = input;
  const shuffles = folds.map((_, f) => random.fork(`shuffle ${f}`));
  const plateaus = folds.map(() => createPlateau(options.learningRate));
  const history = folds.map(() => ({
    train: [] as number[],
    validation: [] as number[],
    test: [] as number[],
  }));
  for (let epoch = 0; epoch < options.epochs; epoch++) {
    const rates = plateaus.map((plateau) => plateau.rate());
    const orders = folds.map(({ train }, f) => shuffled(train, shuffles[f]!));
    const train = await trainer.train(orders, rates);
    const validationOrders = folds.map(({ validation }, f) => shuffled(validation, shuffles[f]!));
    const validation = await trainer.evaluate(validationOrders);
    const test = await trainer.evaluate(folds.map((fold) => fold.test));
    folds.forEach((_, f) => {
      history[f]!.train.push(train[f]!);
      history[f]!.test.push(mean(test[f]!.losses));
      // R1 steps the schedule once per validation batch; without validation rows, once per epoch.
      const batches = batchMeans(validation[f]!.losses, options.batch);
      for (const loss of batches.length > 0 ? batches : [train[f]!]) plateaus[f]!.observe(loss);
      if (batches.length > 0) history[f]!.validation.push(mean(validation[f]!.losses));
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

type Evaluated = { readonly outputs: Matrix; readonly losses: Float64Array };
type Trainer = {
  /** One epoch over the given rows of each fold; returns the mean loss per fold. */
  train(orders: readonly Uint32Array[], rates: readonly number[]): Promise<readonly number[]>;
  /** Outputs and losses of the given rows of each fold. */
  evaluate(orders: readonly Uint32Array[]): Promise<readonly Evaluated[]>;
};

async function createTrainer(
  input: FitInput,
  { name, forward }: Named,
  options: TrainingOptions,
): Promise<Trainer> {
  const { features, folds, task } = input;
  const outputs = outputsOf(task);
  const spec: NetworkSpec = {
    forward,
    folds: folds.length,
    rows: features.rows,
    width: features.columns,
    outputs,
    loss: task.kind === "regression" ? "squared" : outputs === 1 ? "binary" : "softmax",
    standardise: options.standardise,
  };
  requireClasses(folds, task);
  const parameters = networkParameters(spec);
  const { batch } = options;
  const shapes = parameters.map((p) => `${p.name} ${p.shape}`).join(" ");
  const size = [
    folds.length,
    features.rows,
    features.columns,
    outputs,
    spec.loss,
    options.standardise,
  ];
  const key = `${name} [${shapes}] ${size.join(" ")}`;
  const training = await kernel(`train ${batch} ${key}`, () =>
    trainingGraph(spec, parameters, { steps: stepsPerRun, batch }),
  );
  const evaluation = await kernel(`evaluate ${key}`, () => evaluationGraph(spec, parameters));
  const fixed = fixedFeeds(input, options.standardise);
  const targets = trainingTargets(task);
  let state = initialState(parameters, input.random);
  let step = 0;

  return {
    async train(orders, rates) {
      const counts = orders.map((order) => Math.ceil(order.length / batch));
      const sums = orders.map(() => 0);
      for (let start = 0; start < Math.max(...counts); start += stepsPerRun) {
        const feeds = stepFeeds(orders, { start, batch, targets, outputs });
        const found = await training.run({
          ...fixed,
          ...feeds,
          ...scalarFeeds(rates, step + start),
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
      step += Math.max(...counts);
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

function fixedFeeds({ features, sums, folds }: FitInput, standardise: boolean): Feeds {
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
function trainingTargets(task: Task): Float32Array {
  const outputs = outputsOf(task);
  if (outputs === 1) return Float32Array.from(task.targets);
  const data = new Float32Array(task.targets.length * outputs);
  task.targets.forEach((label, row) => {
    data[row * outputs + label] = 1;
  });
  return data;
}

function initialState(parameters: readonly NetworkParameter[], random: Random): Feeds {
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

function nextState(state: Feeds, found: Feeds): Feeds {
  return Object.fromEntries(Object.keys(state).map((name) => [name, found[`next ${name}`]!]));
}

type StepInput = {
  /** First step of the run within the epoch. */
  readonly start: number;
  readonly batch: number;
  readonly targets: Float32Array;
  readonly outputs: number;
};

/** Rows, targets and weights of the next steps; past a fold's last row, nothing counts and nothing moves. */
function stepFeeds(
  orders: readonly Uint32Array[],
  { start, batch, targets, outputs }: StepInput,
): Feeds {
  const folds = orders.length;
  const order = new Int32Array(stepsPerRun * folds * batch);
  const weight = new Float32Array(order.length);
  const target = new Float32Array(order.length * outputs);
  const active = new Uint8Array(stepsPerRun * folds);
  for (let s = 0; s < stepsPerRun; s++) {
    orders.forEach((rows, f) => {
      const from = (start + s) * batch;
      const count = Math.min(batch, rows.length - from);
      if (count > 0) active[s * folds + f] = 1;
      for (let i = 0; i < count; i++) {
        const at = (s * folds + f) * batch + i;
        const row = rows[from + i]!;
        order[at] = row;
        weight[at] = 1 / count;
        for (let o = 0; o < outputs; o++) target[at * outputs + o] = targets[row * outputs + o]!;
      }
    });
  }
  return {
    order: { data: order, shape: [stepsPerRun, folds, batch] },
    weight: float32(weight, stepsPerRun, folds, batch),
    target: float32(target, stepsPerRun, folds, batch, outputs),
    active: { data: active, shape: [stepsPerRun, folds, 1, 1] },
  };
}

/** The optimizer's scalars of each step and fold. */
function scalarFeeds(rates: readonly number[], firstStep: number): Feeds {
  const folds = rates.length;
  const feeds: Feeds = {};
  for (const name of optimizer.scalarNames) {
    feeds[name] = float32(new Float32Array(stepsPerRun * folds), stepsPerRun, folds, 1, 1);
  }
  for (let s = 0; s < stepsPerRun; s++) {
    rates.forEach((learningRate, f) => {
      const settings = { step: firstStep + s, learningRate, weightDecay: 0, gradientScale: 1 };
      for (const [name, value] of Object.entries(optimizer.scalars(settings))) {
        feeds[name]!.data[s * folds + f] = value;
      }
    });
  }
  return feeds;
}

type Rows = {
  readonly orders: readonly Uint32Array[];
  readonly targets: Float32Array;
  readonly spec: NetworkSpec;
};

async function evaluateRows(
  session: Session,
  feeds: Feeds,
  { orders, targets, spec }: Rows,
): Promise<readonly Evaluated[]> {
  const { folds, width, outputs } = spec;
  const found = orders.map((rows) => ({
    outputs: { rows: rows.length, columns: outputs, data: new Float32Array(rows.length * outputs) },
    losses: new Float64Array(rows.length),
  }));
  const longest = Math.max(...orders.map((rows) => rows.length));
  const step = Math.max(1, Math.min(longest, Math.floor(evaluationLimit / (folds * width))));
  for (let start = 0; start < longest; start += step) {
    const count = Math.min(step, longest - start);
    const order = new Int32Array(folds * count);
    const target = new Float32Array(folds * count * outputs);
    orders.forEach((rows, f) => {
      for (let i = 0; i < Math.min(count, rows.length - start); i++) {
        const row = rows[start + i]!;
        order[f * count + i] = row;
        target.set(targets.subarray(row * outputs, (row + 1) * outputs), (f * count + i) * outputs);
      }
    });
    const result = await session.run({
      ...feeds,
      order: { data: order, shape: [folds, count] },
      target: float32(target, folds, count, outputs),
    });
    const values = result.outputs!.data as Float32Array;
    const losses = result.losses!.data as Float32Array;
    orders.forEach((rows, f) => {
      const used = Math.max(0, Math.min(count, rows.length - start));
      const from = f * count;
      found[f]!.outputs.data.set(
        values.subarray(from * outputs, (from + used) * outputs),
        start * outputs,
      );
      found[f]!.losses.set(losses.subarray(from, from + used), start);
    });
  }
  return found;
}

function shuffled(rows: Uint32Array, random: Random): Uint32Array {
  return random.permutation(rows.length).map((i) => rows[i]!);
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
