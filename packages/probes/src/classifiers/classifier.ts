/** @file What a classifier is: it fits every fold of one task together, and scores the held-out rows. */

import type { ZodType } from "zod";
import type { Matrix } from "../array.ts";
import type { Fold } from "../folds.ts";
import type { Random } from "../random.ts";
import type { Sums } from "../sums.ts";
import type { Thresholds } from "../thresholds.ts";

/** What is to be predicted: a class number per row, or a number per row. */
export type Task =
  | { readonly kind: "classification"; readonly targets: Int32Array; readonly classes: number }
  | { readonly kind: "regression"; readonly targets: Float32Array };

/** What the columns of a feature matrix are, side by side: the layers of a model (by index), or a text's tokens. */
export type Composition =
  | { readonly kind: "layers"; readonly layers: readonly number[] }
  /** Room for so many tokens; a shorter text ends in vectors of zeros. */
  | { readonly kind: "tokens"; readonly count: number };

/** Everything a classifier is given. */
export type FitInput = {
  readonly features: Matrix;
  /** What the columns are made of, where that matters; features of one vector otherwise. */
  readonly composition?: Composition | undefined;
  readonly sums: Sums;
  readonly task: Task;
  readonly folds: readonly Fold[];
  readonly random: Random;
};

/**
 * A fitted fold, seen from outside: the outputs for its validation and test rows. Classification has one
 * column per class, larger is likelier, except two classes: one column, positive means class 1.
 * Regression has one column, the prediction.
 */
export type FoldFit = {
  readonly validation: Matrix;
  readonly test: Matrix;
  /** Where class 1 begins, per metric; where there are none, the largest output decides. */
  readonly thresholds?: Thresholds;
  /** Mean losses per epoch, of classifiers that are trained in epochs. */
  readonly losses?: Losses;
  /** The minimised function at the end, of classifiers that minimise one. */
  readonly objective?: number;
  /** Remarks a reader must see, such as "not converged". */
  readonly flags?: readonly string[];
  /** Numbers about the fitted probe itself, such as the weight it gives each layer, by the name they are stored under. */
  readonly measures?: Readonly<Record<string, number>>;
};

export type Losses = {
  readonly train: readonly number[];
  readonly validation: readonly number[];
  readonly test: readonly number[];
};

/**
 * A kind of classifier. Fitting is one call for all folds, because folds share almost all of their work:
 * sums over rows, the features in memory, the graph.
 */
export interface Classifier<Options = unknown> {
  readonly tasks: readonly Task["kind"][];
  /** Checks options and fills in defaults. */
  readonly options: ZodType<Options>;
  /** Raised when the numbers it gives for the same input change. */
  readonly version: number;
  /** The only composition it can read, for a classifier that needs to know what its columns are. */
  readonly needs?: Composition["kind"];
  /** Whether it can read its features a block at a time, however many there are; see `RowSource`. */
  readonly blocks?: boolean;
  /** Whether it can learn which tokens to attend to: trained networks can. */
  readonly attends?: boolean;
  fit(input: FitInput, options: Options): Promise<readonly FoldFit[]>;
}

/** Number of output columns of a task. */
export const outputsOf = (task: Task) =>
  task.kind === "regression" || task.classes === 2 ? 1 : task.classes;
