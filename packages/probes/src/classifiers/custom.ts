/** @file Classifiers that people write themselves: fit and predict on matrices, or a network of graph ops. */

import { z } from "zod";
import { DataError, type Matrix, matrix, take, takeRows } from "../array.ts";
import type { Classifier, FitInput, FoldFit, Task } from "./classifier.ts";
import { outputsOf } from "./classifier.ts";
import { scalesOf, trainSpreads } from "./fold-moments.ts";
import { type TrainingOptions, trainingOptions, trainNetworks } from "./network-training.ts";
import type { Forward } from "./training-graph.ts";

type Predictions = ArrayLike<number> | Matrix;

/** What `predict` may return: a class or value per row, or a matrix of one score per row and class. */
export type Predict = (x: Matrix) => Predictions | Promise<Predictions>;

/** A classifier with a step of its own: fits training rows and returns how to predict others. */
export type MatrixClassifier = {
  readonly name: string;
  readonly tasks?: readonly Task["kind"][];
  /** Divide features by their deviation in the training rows before `fit` sees them. */
  readonly standardise?: boolean;
  readonly fit: (
    x: Matrix,
    y: Int32Array | Float32Array,
    context: { readonly task: Task["kind"]; readonly classes: number; readonly fold: number },
  ) => Predict | Promise<Predict>;
};

/** A network written with graph ops and trained for its author, every fold in one graph. */
export type NetworkClassifier = {
  readonly name: string;
  readonly tasks?: readonly Task["kind"][];
  readonly forward: Forward;
} & { readonly [K in keyof TrainingOptions]?: TrainingOptions[K] };

export type CustomClassifier = MatrixClassifier | NetworkClassifier;

/** Makes a classifier of what a person wrote. */
export function customClassifier(definition: CustomClassifier): Classifier {
  const { name, tasks = ["classification", "regression"] } = definition;
  const version = 1;
  if ("forward" in definition) {
    const options = z.strictObject(trainingOptions);
    const own = Object.keys(trainingOptions).flatMap((key) => {
      const value = definition[key as keyof TrainingOptions];
      return value === undefined ? [] : [[key, value] as const];
    });
    const settings = options.parse(Object.fromEntries(own));
    const network = {
      name: `custom ${name} ${identify(definition.forward)}`,
      forward: definition.forward,
    };
    return {
      tasks,
      options,
      version,
      attends: true,
      fit: (input) => trainNetworks(input, network, settings),
    };
  }
  return {
    tasks,
    options: z.strictObject({}),
    version,
    fit: (input) => fitFolds(input, definition),
  };
}

const known = new WeakMap<object, number>();
let count = 0;

/** Tells functions apart: two with the same name may build different graphs. */
function identify(value: object): number {
  const found = known.get(value) ?? count++;
  known.set(value, found);
  return found;
}

async function fitFolds(
  input: FitInput,
  definition: MatrixClassifier,
): Promise<readonly FoldFit[]> {
  const { features, task, folds, sums } = input;
  const spreads = definition.standardise ? trainSpreads(sums, folds) : null;
  const classes = task.kind === "classification" ? task.classes : 0;
  const fits: FoldFit[] = [];
  for (const [i, fold] of folds.entries()) {
    const rowsOf = (rows: Uint32Array) => {
      if (spreads === null) return takeRows(features, rows);
      const scales = scalesOf(spreads[i]!, true);
      const taken = takeRows(sums.centred, rows);
      const { columns } = taken;
      const data = taken.data.map((value, at) => {
        const j = at % columns;
        return (value - spreads[i]!.mean[j]!) / scales[j]!;
      });
      return { ...taken, data };
    };
    const context = { task: task.kind, classes, fold: i };
    const predict = await definition.fit(
      rowsOf(fold.train),
      take(task.targets, fold.train),
      context,
    );
    const outputs = async (rows: Uint32Array) =>
      toOutputs(await predict(rowsOf(rows)), { rows: rows.length, task, name: definition.name });
    const none = { rows: 0, columns: outputsOf(task), data: new Float32Array(0) };
    const validation = fold.validation.length === 0 ? none : await outputs(fold.validation);
    fits.push({ validation, test: await outputs(fold.test) });
  }
  return fits;
}

type Expected = { readonly rows: number; readonly task: Task; readonly name: string };

/** Predictions in the one form that scoring knows. */
function toOutputs(predicted: Predictions, { rows, task, name }: Expected): Matrix {
  const values: ArrayLike<number> = "data" in predicted ? predicted.data : predicted;
  const columns = outputsOf(task);
  if (task.kind === "regression") {
    if (values.length !== rows) throw wrongLength(name, values.length, `${rows} values`);
    return matrix(rows, 1, Float32Array.from(values));
  }
  const { classes } = task;
  const data = new Float32Array(rows * columns);
  if (values.length === rows * classes) {
    for (let i = 0; i < rows; i++) {
      if (columns === 1) data[i] = values[2 * i + 1]! - values[2 * i]!;
      else for (let k = 0; k < classes; k++) data[i * classes + k] = values[i * classes + k]!;
    }
    return matrix(rows, columns, data);
  }
  if (values.length !== rows) {
    throw wrongLength(name, values.length, `${rows} classes or ${rows} x ${classes} scores`);
  }
  for (let i = 0; i < rows; i++) {
    const label = values[i]!;
    if (!Number.isInteger(label) || label < 0 || label >= classes) {
      throw new DataError(
        `classifier "${name}": expected classes 0 to ${classes - 1} from predict, got ${label} for row ${i}`,
      );
    }
    if (columns === 1) data[i] = label === 1 ? 1 : -1;
    else data[i * classes + label] = 1;
  }
  return matrix(rows, columns, data);
}

const wrongLength = (name: string, got: number, expected: string) =>
  new DataError(`classifier "${name}": expected ${expected} from predict, got ${got} numbers`);
