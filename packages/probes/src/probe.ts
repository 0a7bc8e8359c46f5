/** @file The probe: features and folds in, scores of a classifier out. */

import { DataError, type Matrix, requireFinite } from "./array.ts";
import { createBlockSums } from "./block-sums.ts";
import type { Classifier, Composition, FitInput, FoldFit, Task } from "./classifiers/classifier.ts";
import type { Fold } from "./folds.ts";
import type { Metric } from "./metrics.ts";
import { createRandom } from "./random.ts";
import { isSource, type RowSource, unloaded } from "./row-blocks.ts";
import { predictFold, scoreFold } from "./scoring.ts";
import { createSums, type Sums } from "./sums.ts";

/** Features of every row with what they should tell. */
export type ProbeData = {
  /** In memory, or where to read them a block at a time. */
  readonly features: Matrix | RowSource;
  /** What the columns are made of, for classifiers that ask; see `Composition`. */
  readonly composition?: Composition | undefined;
  readonly folds: readonly Fold[];
  readonly task: Task["kind"];
  /** Class numbers, or values for regression. */
  readonly targets: Int32Array | Float32Array;
  /** Number of classes; 0 for regression. */
  readonly classes: number;
  /** Seed of classifiers that draw random numbers. */
  readonly seed: number;
};

export type ScoreEntry = { readonly metric: Metric; readonly fold: number; readonly value: number };

/** Everything a trial leaves behind, in long form. */
export type ProbeResult = {
  readonly scores: readonly ScoreEntry[];
  readonly predictions: readonly {
    readonly fold: number;
    /** Per test row of the fold, in its order: class numbers, or values for regression. */
    readonly predicted: Int32Array | Float32Array;
    /** Score of class 1 per test row; null unless there are two classes. */
    readonly scores: Float32Array | null;
  }[];
  readonly losses: readonly {
    readonly fold: number;
    readonly part: "train" | "validation" | "test";
    readonly epoch: number;
    readonly value: number;
  }[];
  /** Numbers about the fitted probes themselves, per fold: the weight of each layer, its centre of gravity. */
  readonly measures: readonly {
    readonly metric: string;
    readonly fold: number;
    readonly value: number;
  }[];
  /** Remarks a reader must see: "not converged ...", "auc has no value in folds 3, 7". */
  readonly flags: readonly string[];
};

/** Sums are shared by all classifiers that see the same features object. */
const sharedSums = new WeakMap<Matrix | RowSource, Sums>();

/** What a classifier is given of features: their sums, and the features themselves where they are in memory. */
export function sumsOf(features: Matrix | RowSource): Pick<FitInput, "features" | "sums"> {
  let sums = sharedSums.get(features);
  if (sums === undefined) {
    sums = isSource(features) ? createBlockSums(features) : createSums(features);
    sharedSums.set(features, sums);
  }
  return { sums, features: isSource(features) ? unloaded(features) : features };
}

/**
 * Fits a classifier to every fold and scores its test rows. Calls with the same `features` and `folds`
 * objects share their sums, so fit all classifiers of a pooling one after another.
 */
export async function probe<Options>(
  data: ProbeData,
  classifier: Classifier<Options>,
  options: unknown,
): Promise<ProbeResult> {
  const task = taskOf(data);
  if (!classifier.tasks.includes(task.kind)) {
    throw new DataError(
      `probe: this classifier is for ${classifier.tasks.join(" or ")}, got a ${task.kind}`,
    );
  }
  if (isSource(data.features) && classifier.blocks !== true) {
    throw new DataError("probe: this classifier needs all features at once, got blocks of rows");
  }
  if (classifier.needs !== undefined && data.composition?.kind !== classifier.needs) {
    throw new DataError(
      `probe: this classifier reads several ${classifier.needs} side by side, got ${data.composition?.kind ?? "one vector per row"}`,
    );
  }
  const { features, folds, seed, composition } = data;
  const random = createRandom(seed).fork("classifier");
  const input: FitInput = { ...sumsOf(features), task, folds, random, composition };
  const fits = await classifier.fit(input, classifier.options.parse(options));
  return describe(fits, input);
}

function taskOf({ task, targets, classes, features, folds }: ProbeData): Task {
  if (features.rows !== targets.length) {
    throw new DataError(
      `probe: expected a target per row, got ${targets.length} for ${features.rows} rows`,
    );
  }
  if (features.columns === 0) throw new DataError("probe: expected at least one feature, got none");
  if (folds.length === 0) throw new DataError("probe: expected at least one fold, got none");
  if (task === "regression") {
    const values = targets instanceof Float32Array ? targets : Float32Array.from(targets);
    requireFinite({ rows: values.length, columns: 1, data: values }, "targets");
    return { kind: "regression", targets: values };
  }
  const labels = targets instanceof Int32Array ? targets : Int32Array.from(targets);
  const wrong = labels.findIndex((label) => label < 0 || label >= classes);
  if (wrong >= 0) {
    throw new DataError(
      `targets: expected classes 0 to ${classes - 1}, got ${labels[wrong]} in row ${wrong}`,
    );
  }
  return { kind: "classification", targets: labels, classes };
}

function describe(fits: readonly FoldFit[], { task, folds }: FitInput): ProbeResult {
  const scores: ScoreEntry[] = [];
  const missing = new Map<string, number[]>();
  const predictions = fits.map((fit, fold) => {
    requireFinite(fit.test, `fold ${fold}: outputs`);
    const found = predictFold(task, fit);
    for (const [metric, value] of Object.entries(scoreFold(task, folds[fold]!.test, found))) {
      if (value === null) missing.set(metric, [...(missing.get(metric) ?? []), fold]);
      else scores.push({ metric: metric as Metric, fold, value });
    }
    return { fold, predicted: found.predicted, scores: found.scores };
  });
  return {
    scores,
    predictions,
    losses: lossesOf(fits),
    measures: fits.flatMap(({ measures = {} }, fold) =>
      Object.entries(measures).map(([metric, value]) => ({ metric, fold, value })),
    ),
    flags: [...missingFlags(missing), ...flagsOf(fits)],
  };
}

const lossesOf = (fits: readonly FoldFit[]) =>
  fits.flatMap(({ losses }, fold) =>
    (["train", "validation", "test"] as const).flatMap((part) =>
      (losses?.[part] ?? []).map((value, epoch) => ({ fold, part, epoch, value })),
    ),
  );

const missingFlags = (missing: ReadonlyMap<string, readonly number[]>) =>
  [...missing].map(([metric, folds]) => `${metric} has no value in ${foldList(folds)}`);

/** Each remark once, with the folds that made it. */
function flagsOf(fits: readonly FoldFit[]): readonly string[] {
  const byFlag = new Map<string, number[]>();
  fits.forEach(({ flags = [] }, fold) => {
    for (const flag of flags) byFlag.set(flag, [...(byFlag.get(flag) ?? []), fold]);
  });
  return [...byFlag].map(([flag, folds]) => `${flag} in ${foldList(folds)}`);
}

const foldList = (folds: readonly number[]) =>
  `${folds.length === 1 ? "fold" : "folds"} ${folds.join(", ")}`;
