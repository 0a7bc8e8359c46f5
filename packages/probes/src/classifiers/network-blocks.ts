/** @file Trains a network on features that are read in blocks: the order of blocks is random, and that of rows within each. */

import type { Matrix } from "../array.ts";
import { blocksOf, type RowList, rowList, rowsPerBlock, rowsWithin } from "../row-blocks.ts";
import { type FitInput, type FoldFit, outputsOf } from "./classifier.ts";
import { trainingTargets } from "./network-state.ts";
import {
  batchMeans,
  createTrainer,
  type Network,
  requireFiniteLoss,
  type Trainer,
  type TrainingOptions,
} from "./network-training.ts";
import { createPlateau } from "./plateau.ts";

/**
 * As on features in memory, but that a batch's rows come from one block. Held-out rows are evaluated in a pass of their
 * own after every epoch.
 */
export async function trainInBlocks(
  input: FitInput,
  network: Network,
  options: TrainingOptions,
): Promise<readonly FoldFit[]> {
  const { folds, sums, task, random } = input;
  const source = sums.blocks;
  if (source === undefined) throw new Error("internal: blocks of features in memory");
  const trainer = await createTrainer(input, network, options);
  const targets = trainingTargets(task);
  const outputs = outputsOf(task);
  const shuffles = random.fork("shuffle");
  const plateaus = folds.map(() => createPlateau(options.learningRate));
  const training = folds.map(({ train }) => rowList(train));
  const held = folds.map(({ validation, test }) => ({
    validation: rowList(validation),
    test: rowList(test),
  }));
  const step = rowsPerBlock(source);
  const starts = Array.from({ length: Math.ceil(source.rows / step) }, (_, i) => i * step);
  const use = (start: number, data: Float32Array) => {
    const rows = data.length / source.columns;
    const block: Matrix = { rows, columns: source.columns, data };
    trainer.use(block, targets.subarray(start * outputs, (start + rows) * outputs));
    return { start, end: start + rows };
  };
  const losses = folds.map(() => ({
    train: [] as number[],
    validation: [] as number[],
    test: [] as number[],
  }));
  const parts: Parts = { held, outputs, use, evaluate: trainer.evaluate };
  let found: Awaited<ReturnType<typeof evaluateParts>> = [];
  for (let epoch = 0; epoch < options.epochs; epoch++) {
    const totals = folds.map(() => 0);
    for (const b of shuffles.permutation(starts.length)) {
      const start = starts[b]!;
      const place = use(start, source.read(start, Math.min(start + step, source.rows)));
      const order = shuffles.permutation(place.end - place.start);
      const rows = training.map((list) => shuffled(order, rowsWithin(list, place).rows));
      const rates = plateaus.map((plateau) => plateau.rate());
      const means = await trainer.train(rows, rates);
      means.forEach((mean, f) => {
        if (rows[f]!.length > 0) totals[f]! += mean * rows[f]!.length;
      });
    }
    found = await evaluateParts(blocksOf(source), parts);
    folds.forEach(({ train }, f) => {
      const mean = totals[f]! / train.length;
      losses[f]!.train.push(mean);
      requireFiniteLoss(mean, { fold: f, epoch });
      const { validation, test } = found[f]!;
      losses[f]!.test.push(meanOf(test.losses));
      const batches = batchMeans(validation.losses, options.batch);
      for (const loss of batches.length > 0 ? batches : [mean]) plateaus[f]!.observe(loss);
      if (validation.losses.length > 0) losses[f]!.validation.push(meanOf(validation.losses));
    });
  }
  return found.map(({ validation, test }, f) => ({
    validation: validation.outputs,
    test: test.outputs,
    losses: losses[f]!,
    ...(network.measure ? { measures: network.measure((name) => trainer.parameter(name, f)) } : {}),
  }));
}

/** The rows of one block in a random order of all of its rows. */
function shuffled(order: Uint32Array, rows: Uint32Array): Uint32Array {
  const listed = new Uint8Array(order.length);
  for (const row of rows) listed[row] = 1;
  return order.filter((row) => listed[row] === 1);
}

type Parts = {
  readonly held: readonly { readonly validation: RowList; readonly test: RowList }[];
  readonly outputs: number;
  readonly use: (start: number, data: Float32Array) => { start: number; end: number };
  readonly evaluate: Trainer["evaluate"];
};

/** Outputs and losses of every fold's held-out rows, in the order of its lists, in one pass. */
async function evaluateParts(
  blocks: ReturnType<typeof blocksOf>,
  { held, outputs, use, evaluate }: Parts,
) {
  const empty = ({ rows }: RowList) => ({
    outputs: { rows: rows.length, columns: outputs, data: new Float32Array(rows.length * outputs) },
    losses: new Float64Array(rows.length),
  });
  const found = held.map(({ validation, test }) => ({
    validation: empty(validation),
    test: empty(test),
  }));
  for (const { start, matrix } of blocks) {
    const place = use(start, matrix.data);
    for (const part of ["validation", "test"] as const) {
      const own = held.map((lists) => rowsWithin(lists[part], place));
      if (own.every(({ rows }) => rows.length === 0)) continue;
      const evaluated = await evaluate(own.map(({ rows }) => rows));
      own.forEach(({ places }, f) => {
        const { outputs: values, losses } = evaluated[f]!;
        const into = found[f]![part];
        places.forEach((to, i) => {
          into.losses[to] = losses[i]!;
          for (let o = 0; o < outputs; o++) {
            into.outputs.data[to * outputs + o] = values.data[i * outputs + o]!;
          }
        });
      });
    }
  }
  return found;
}

function meanOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
