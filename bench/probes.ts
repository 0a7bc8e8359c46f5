/** @file Ten folds of lda, and of logistic regression to the same objective, beside scikit-learn. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type Classifier,
  classifiers,
  createRandom,
  type Fold,
  probe,
  setKernelThreads,
  splitFolds,
} from "@probegrid/probes";
import { createSums } from "../packages/probes/src/sums.ts";
import { type Features, openFeatures, writeFeatures } from "./features.ts";
import { type BenchOptions, benchOptions, isMain } from "./options.ts";
import { compare, printRows, type Row, ratioText, startPeer, timed } from "./peer.ts";

type Name = "lda" | "logistic";
type Work = {
  readonly features: Features;
  readonly folds: readonly Fold[];
  readonly rounds: number;
  readonly threads: number;
};

/** lda and logistic on features that are hard to separate, and logistic on some that a plane divides. */
export async function measureProbes(options: BenchOptions): Promise<readonly Row[]> {
  const rows = [await measure("lda", options), await measure("logistic", options)];
  const own = options.data !== null && options.model !== null;
  return own ? rows : [...rows, await measure("logistic", options, "separable")];
}

async function measure(
  name: Name,
  options: BenchOptions,
  signal: "hard" | "separable" = "hard",
): Promise<Row> {
  setKernelThreads(options.threads);
  const features = await openFeatures(options, signal);
  const { rows, width, targets, classes } = features;
  const folds = splitFolds(
    { kind: "stratified", k: 10, seed: 1 },
    { targets, task: "classification", classes },
  );
  const folder = mkdtempSync(join(tmpdir(), "probegrid-bench-"));
  try {
    writeFeatures(folder, features, folds);
    const work = { features, folds, rounds: options.rounds, threads: options.threads };
    const title = `10-fold ${name}, ${rows} x ${width} (${features.name})`;
    const measured = await (name === "lda" ? againstLda : againstLogistic)(title, folder, work);
    const goal = name === "lda" ? "" : " to the same objective value";
    return { work: `${title}${goal}`, against: "scikit-learn", atLeast: "10x", measured };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function againstLda(
  title: string,
  folder: string,
  { features, folds, rounds, threads }: Work,
): Promise<string> {
  const peer = await startPeer("probes.py", [folder, "lda"], threads);
  const { rows, width, targets, classes } = features;
  let own = 0;
  const ours = async () => {
    // A fresh matrix object each time: nothing may be remembered from the run before.
    const matrix = { rows, columns: width, data: features.layers[0]! };
    const { scores } = await probe(
      { features: matrix, folds, task: "classification", targets, classes, seed: 1 },
      classifiers.lda as Classifier,
      {},
    );
    const values = scores.flatMap(({ metric, value }) => (metric === "accuracy" ? [value] : []));
    own = values.reduce((a, b) => a + b) / values.length;
  };
  const ratio = await compare(title, { ours: () => timed(ours), peer, rounds });
  const { accuracy } = await peer.run();
  peer.close();
  console.log(
    `  mean accuracy: ours ${own.toFixed(4)}, scikit-learn ${Number(accuracy).toFixed(4)}`,
  );
  return ratioText(ratio);
}

/**
 * scikit-learn stops by its own rule, which on separable data is far from the minimum: its tolerance is lowered until
 * its objective is within a thousandth of ours, or below.
 */
async function againstLogistic(
  title: string,
  folder: string,
  { features, folds, rounds, threads }: Work,
): Promise<string> {
  const { rows, width, targets, classes } = features;
  let objective = 0;
  const ours = async () => {
    const matrix = { rows, columns: width, data: features.layers[0]! };
    const input = { features: matrix, sums: createSums(matrix), folds, random: createRandom(1) };
    const task = { kind: "classification", targets, classes } as const;
    const { logistic } = classifiers;
    const fits = await logistic.fit({ ...input, task }, logistic.options.parse({}));
    objective = fits.reduce((sum, fit, f) => sum + fit.objective! * folds[f]!.train.length, 0);
  };
  await ours();
  const peer = await startPeer("probes.py", [folder, "logistic", String(objective)], threads);
  const ratio = await compare(title, { ours: () => timed(ours), peer, rounds });
  const told = await peer.run();
  peer.close();
  console.log(
    `  objective, summed over folds: ours ${objective.toFixed(3)}, scikit-learn ${Number(told.objective).toFixed(3)} ` +
      `with tol=${told.tolerance}, ${told.iterations} iterations a fold`,
  );
  return ratioText(ratio);
}

if (isMain(import.meta)) {
  const sizes = { rows: 10_000, width: 768, layers: 12, rounds: 3 };
  printRows(await measureProbes(benchOptions(sizes)));
}
