/** @file The leading principal components of the training rows, and another classifier on them. */

import { z } from "zod";
import { DataError, type Matrix } from "../array.ts";
import { input as graphInput, matMul } from "../graph/index.ts";
import { float32, kernel } from "../kernels.ts";
import { largestEigen } from "../lanczos.ts";
import { createSums } from "../sums.ts";
import type { Classifier, FitInput, FoldFit } from "./classifier.ts";
import { scalesOf, trainSpreads } from "./fold-moments.ts";
import { gaussianNb } from "./gaussian-nb.ts";
import { knn } from "./knn.ts";
import { lda } from "./lda.ts";
import { linear } from "./linear.ts";
import { linearSvm } from "./linear-svm.ts";
import { logistic } from "./logistic.ts";
import { nearestCentroid } from "./nearest-centroid.ts";
import { qda } from "./qda.ts";
import { ridge } from "./ridge.ts";

/** What may stand behind the components. */
const followers: Readonly<Record<string, Classifier>> = {
  ...{ lda, qda, logistic, ridge, linear, knn },
  "linear-svm": linearSvm,
  "nearest-centroid": nearestCentroid,
  "gaussian-nb": gaussianNb,
};

/** A follower by name, or with options of its own; checked here so that a wrong one is found with the file. */
const follower = z
  .union([z.string(), z.looseObject({ name: z.string() })])
  .transform((given, context) => {
    const { name, ...own } = typeof given === "string" ? { name: given } : given;
    const classifier = Object.hasOwn(followers, name) ? followers[name] : undefined;
    if (classifier === undefined) {
      const known = Object.keys(followers).join(", ");
      context.addIssue(`unknown classifier ${JSON.stringify(name)}, expected one of ${known}`);
      return z.NEVER;
    }
    const checked = classifier.options.safeParse(own);
    if (!checked.success) {
      for (const { message, path } of checked.error.issues) {
        context.addIssue({ code: "custom", message, path: [...path] });
      }
      return z.NEVER;
    }
    return { name, ...(checked.data as object) };
  });

const options = z.strictObject({
  /** How many components, those of largest variance. */
  components: z.int().positive().default(1),
  /** The classifier of the components; null: lda for classes, linear for numbers. */
  classifier: follower.nullable().default(null),
  /** Divide features by their deviation in the training rows. */
  standardise: z.boolean().default(false),
});
type Options = z.infer<typeof options>;

export const pca: Classifier<Options> = {
  tasks: ["classification", "regression"],
  options,
  version: 1,
  async fit(input, settings) {
    const { folds, features, sums, task } = input;
    const { name, ...own } = settings.classifier ?? {
      name: task.kind === "regression" ? "linear" : "lda",
    };
    const behind = followers[name]!;
    if (!behind.tasks.includes(task.kind)) {
      throw new DataError(`pca: ${name} is for ${behind.tasks.join(" or ")}, got a ${task.kind}`);
    }
    const most = Math.min(features.columns, ...folds.map(({ train }) => train.length));
    if (settings.components > most) {
      throw new DataError(
        `pca: expected at most ${most} components, as many as features or training rows, got ${settings.components}`,
      );
    }
    const fits: FoldFit[] = [];
    for (let start = 0; start < folds.length; start += sums.foldsAtOnce) {
      const batch = folds.slice(start, start + sums.foldsAtOnce);
      const directions = await componentsOf({ ...input, folds: batch }, settings);
      for (const [i, fold] of batch.entries()) {
        const projected = await project(sums.centred, directions[i]!);
        const alone = { task, folds: [fold], features: projected, sums: createSums(projected) };
        const random = input.random.fork(`pca ${start + i}`);
        const [fit] = await behind.fit({ ...alone, random }, behind.options.parse(own));
        fits.push(fit!);
      }
    }
    return fits;
  },
};

/** The leading eigenvectors of each fold's covariance, [components, columns], in units of the features. */
async function componentsOf(
  { folds, sums, random }: FitInput,
  { components, standardise }: Options,
): Promise<readonly Matrix[]> {
  const { data, size } = await sums.secondMoments(folds);
  return trainSpreads(sums, folds).map((spread, i) => {
    const scales = scalesOf(spread, standardise);
    const { mean } = spread;
    const rows = folds[i]!.train.length;
    const covariance = new Float64Array(size * size);
    for (let a = 0; a < size; a++) {
      for (let b = 0; b <= a; b++) {
        const moment = data[(i * size + a) * size + b]! / rows - mean[a]! * mean[b]!;
        covariance[a * size + b] = moment / (scales[a]! * scales[b]!);
      }
    }
    const { vectors } = largestEigen(covariance, size, {
      count: components,
      random: random.fork(`lanczos ${i}`),
    });
    const unscaled = Float32Array.from(vectors, (value, at) => value / scales[at % size]!);
    return { rows: components, columns: size, data: unscaled };
  });
}

/** Every row's coordinates along the components, [rows, components]. */
async function project({ rows, columns, data }: Matrix, directions: Matrix): Promise<Matrix> {
  const session = await kernel("pca", () => {
    const x = graphInput("x", ["rows", "columns"]);
    const v = graphInput("v", ["components", "columns"]);
    return { y: matMul(x, v, { transposeB: true }) };
  });
  const { y } = await session.run({
    x: float32(data, rows, columns),
    v: float32(directions.data, directions.rows, columns),
  });
  return { rows, columns: directions.rows, data: (y!.data as Float32Array).slice() };
}
