/** @file Random forest (Breiman 2001): trees on drawn rows that look at drawn features, and the mean of what they say. */

import { z } from "zod";
import { DataError, type Matrix } from "../array.ts";
import type { Random } from "../random.ts";
import { requireTwoClasses } from "./class-sums.ts";
import type { Classifier, FitInput, Task } from "./classifier.ts";
import { addOutputs, growTree } from "./decision-tree.ts";
import { binFeatures } from "./feature-bins.ts";
import { ruleOption, withRule } from "./rule.ts";

const options = z.strictObject({
  /** Trees per fold. */
  trees: z.int().positive().default(100),
  /**
   * Features looked at per split: "sqrt" of their number, "all", or a share of them. null: sqrt for classes, all for numbers,
   * as scikit-learn has it.
   */
  features: z
    .union([z.enum(["sqrt", "all"]), z.number().positive().max(1)])
    .nullable()
    .default(null),
  /** Splits from the root to a leaf, at most; null for no limit. */
  depth: z.int().positive().nullable().default(null),
  /** Rows that a leaf has at least. */
  leaf: z.int().positive().default(1),
  rule: ruleOption,
});
type Options = z.infer<typeof options>;

export const randomForest: Classifier<Options> = {
  tasks: ["classification", "regression"],
  options,
  version: 1,
  async fit(input, settings) {
    const { folds, task } = input;
    const fits = folds.map((fold, f) => {
      if (task.kind === "classification") requireClasses(task, fold.train, f);
      if (fold.train.length === 0)
        throw new DataError(`random-forest: fold ${f} has no training rows`);
      return growForest(input, { fold: f, settings, random: input.random.fork(`forest ${f}`) });
    });
    return withRule(input, fits, settings.rule);
  },
};

type Growing = { readonly fold: number; readonly settings: Options; readonly random: Random };

/** One fold's forest: what it says of the validation and test rows. */
function growForest(
  { features, task, folds }: FitInput,
  { fold, settings, random }: Growing,
): { readonly validation: Matrix; readonly test: Matrix } {
  const { train, validation, test } = folds[fold]!;
  const bins = binFeatures(features, { train, random: random.fork("bins") });
  const targets = {
    values: task.targets,
    classes: task.kind === "classification" ? task.classes : 0,
  };
  const width = Math.max(1, targets.classes);
  const held = [validation, test].map((rows) => ({
    rows,
    sums: new Float64Array(rows.length * width),
  }));
  const looked = featuresPerSplit(settings.features, task, features.columns);
  for (let t = 0; t < settings.trees; t++) {
    const own = random.fork(`tree ${t}`);
    const rows = train.map(() => train[own.integer(train.length)]!);
    const tree = growTree(bins, targets, {
      rows,
      options: {
        features: looked,
        depth: settings.depth ?? Number.POSITIVE_INFINITY,
        leaf: settings.leaf,
        random: own,
      },
    });
    for (const part of held) addOutputs(tree, bins, part);
  }
  const [first, second] = held.map(({ rows, sums }) =>
    outputsOf(
      sums.map((sum) => sum / settings.trees),
      { rows: rows.length, task },
    ),
  );
  return { validation: first!, test: second! };
}

function featuresPerSplit(asked: Options["features"], task: Task, columns: number): number {
  const rule = asked ?? (task.kind === "regression" ? "all" : "sqrt");
  if (rule === "all") return columns;
  return Math.max(1, Math.floor(rule === "sqrt" ? Math.sqrt(columns) : rule * columns));
}

/** Class shares (for two classes, that of class 1 above a half), or values. */
function outputsOf(
  means: Float64Array,
  { rows, task }: { readonly rows: number; readonly task: Task },
): Matrix {
  if (task.kind === "regression" || task.classes !== 2) {
    const columns = task.kind === "regression" ? 1 : task.classes;
    return { rows, columns, data: Float32Array.from(means) };
  }
  const data = Float32Array.from({ length: rows }, (_, i) => means[2 * i + 1]! - 0.5);
  return { rows, columns: 1, data };
}

function requireClasses(
  { targets, classes }: Extract<Task, { kind: "classification" }>,
  train: Uint32Array,
  fold: number,
): void {
  const counts = new Float64Array(classes);
  for (const row of train) counts[targets[row]!]! += 1;
  requireTwoClasses(counts, fold);
}
