/** @file The probe job: one feature matrix, and every classifier that is still to be fitted on it. */

import {
  type Classifier,
  classifiers,
  combineLayers,
  customClassifier,
  type Fold,
  type FoldSpec,
  type LayerMethod,
  type Matrix,
  matrix,
  type ProbeResult,
  probe,
  type Rows,
  setKernelThreads,
  splitFolds,
} from "@probegrid/probes";
import type { ItemInterval } from "@probegrid/probes/statistics";
import type { ClassifierSpec } from "../experiment/classifiers.ts";
import { readRows, type StoredTensor } from "../safetensors.ts";
import { intervalsOfTrial } from "../statistics/intervals-of-trial.ts";
import { type ExperimentSource, findCustomPart } from "./custom-parts.ts";

/** Several trials that read the same features. */
export type ProbeWork = {
  /** One matrix per layer, in order. */
  readonly features: readonly StoredTensor[];
  readonly layerMethod: LayerMethod | null;
  readonly rows: Rows;
  readonly folds: FoldSpec;
  /** Id of the split that rows and folds give. */
  readonly split: string;
  readonly seed: number;
  readonly trials: readonly { readonly id: string; readonly classifier: ClassifierSpec }[];
  readonly experiment: ExperimentSource;
  /** Threads of one worker's sessions. */
  readonly threads: number;
};

/** What a trial found; as the store takes it, but for its environment. */
export type TrialResult = ProbeResult & {
  readonly id: string;
  readonly seconds: number;
  readonly items: readonly ItemInterval[];
};
export type TrialFailure = { readonly id: string; readonly error: unknown };

/** Fits each classifier; one that fails does not keep the others from their results. */
export async function probeFeatures(
  work: ProbeWork,
): Promise<readonly (TrialResult | TrialFailure)[]> {
  setKernelThreads(work.threads);
  const features = readFeatures(work);
  const folds = foldsOf(work);
  const results: (TrialResult | TrialFailure)[] = [];
  for (const { id, classifier } of work.trials) {
    const begun = performance.now();
    try {
      const found = await fit(work, classifier, { features, folds });
      const items = intervalsOfTrial(found, { ...work, folds, replicates: 1000 });
      results.push({ ...found, items, id, seconds: (performance.now() - begun) / 1000 });
    } catch (error) {
      results.push({ id, error });
    }
  }
  return results;
}

type Data = { readonly features: Matrix; readonly folds: readonly Fold[] };

async function fit(
  { rows, seed, experiment }: ProbeWork,
  spec: ClassifierSpec,
  data: Data,
): Promise<ProbeResult> {
  const classifier = await classifierOf(spec, experiment);
  const { task, targets, classes } = rows;
  return await probe({ ...data, task, targets, classes, seed }, classifier, spec.options);
}

const table: Readonly<Record<string, Classifier>> = classifiers;
const ownClassifiers = new WeakMap<object, Classifier>();

/** The classifier that a trial names: one of Probegrid's, or one of the experiment file's own. */
async function classifierOf(
  { name, custom }: ClassifierSpec,
  experiment: ExperimentSource,
): Promise<Classifier> {
  if (custom === null) {
    const classifier = table[name];
    if (!classifier) throw new Error(`internal: no classifier ${name}`);
    return classifier;
  }
  const definition = await findCustomPart(experiment, "classifiers", custom);
  const classifier = ownClassifiers.get(definition) ?? customClassifier(definition);
  ownClassifiers.set(definition, classifier);
  return classifier;
}

/** Reads the layers of a pooling and combines them. */
function readFeatures({ features, layerMethod }: ProbeWork): Matrix {
  const [first] = features;
  if (!first) throw new Error("internal: a pooling without features");
  const [rows = 0, width = 0] = first.shape;
  const layers = features.map((tensor) => readRows(tensor));
  const data =
    layerMethod === null
      ? (layers[0] ?? new Float32Array())
      : combineLayers(layers, layerMethod, width);
  return matrix(rows, data.length / Math.max(1, rows), data);
}

let latest: { readonly split: string; readonly folds: readonly Fold[] } | undefined;

/** The folds of the last split are kept: a worker meets the same ones again and again. */
function foldsOf({ split, folds, rows }: ProbeWork): readonly Fold[] {
  if (latest?.split !== split) latest = { split, folds: splitFolds(folds, rows) };
  return latest.folds;
}
