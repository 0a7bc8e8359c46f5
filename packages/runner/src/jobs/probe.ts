/** @file The probe job: one feature matrix, and every classifier that is still to be fitted on it. */

import {
  type Classifier,
  type Composition,
  classifiers,
  customClassifier,
  type Fold,
  type FoldSpec,
  type LayerMethod,
  limitTraining,
  type ProbeResult,
  probe,
  type Rows,
  setKernelThreads,
  splitFolds,
} from "@probegrid/probes";
import type { ClassifierSpec } from "../experiment/classifiers.ts";
import type { Statistics } from "../experiment/statistics.ts";
import type { StoredTensor } from "../safetensors.ts";
import {
  statisticsOfTrial,
  type TrialStatistics,
  testToTrainOf,
} from "../statistics/trial-statistics.ts";
import { type ExperimentSource, findCustomPart } from "./custom-parts.ts";
import { closeEncoder } from "./encode.ts";
import { createFeatures, type FeatureReader } from "./features.ts";
import { stackRows } from "./stacked-rows.ts";
import { leadingScores, type Rival, stopEarly } from "./stop-early.ts";

/** Several trials that read the same features. */
export type ProbeWork = {
  /** One matrix per layer, in order. */
  readonly features: readonly StoredTensor[];
  readonly layerMethod: LayerMethod | null;
  /** What the columns are, for classifiers that ask. */
  readonly composition: Composition | undefined;
  readonly rows: Rows;
  readonly folds: FoldSpec;
  /** Id of the split that rows and folds give. */
  readonly split: string;
  readonly seed: number;
  readonly statistics: Statistics;
  /** Class of each row in the control task; null where there is none, or none is asked for. */
  readonly control: Int32Array | null;
  /** The best trial so far on the same split, where trials that are worse are to be stopped. */
  readonly rival: Rival | null;
  readonly trials: readonly { readonly id: string; readonly classifier: ClassifierSpec }[];
  readonly experiment: ExperimentSource;
  /** Threads of one worker's sessions. */
  readonly threads: number;
};

/** What a trial found; as the store takes it, but for its environment. */
export type TrialResult = Omit<ProbeResult, "scores"> &
  TrialStatistics & {
    readonly id: string;
    readonly seconds: number;
    /** Where the trial trains on fewer rows than its split gives. */
    readonly testToTrain?: number;
  };
export type TrialFailure = { readonly id: string; readonly error: unknown };

/** Fits each classifier; one that fails does not keep the others from their results. */
export async function probeFeatures(
  work: ProbeWork,
): Promise<readonly (TrialResult | TrialFailure)[]> {
  setKernelThreads(work.threads);
  await closeEncoder();
  const features = createFeatures(work);
  const folds = foldsOf(work);
  const results: (TrialResult | TrialFailure)[] = [];
  let { rival } = work;
  for (const { id, classifier } of work.trials) {
    const begun = performance.now();
    try {
      const found = await fit({ ...work, rival }, classifier, { features, folds });
      rival = better(rival, {
        trial: id,
        scores: leadingScores(found as Pick<ProbeResult, "scores">, work.rows.task),
      });
      results.push({ ...found, id, seconds: (performance.now() - begun) / 1000 });
    } catch (error) {
      results.push({ id, error });
    }
  }
  return results;
}

/** The one with the higher mean; a trial that was stopped has no scores to be measured by. */
function better(rival: Rival | null, own: Rival): Rival | null {
  const mean = ({ scores }: Rival) => scores.reduce((sum, value) => sum + value, 0) / scores.length;
  if (own.scores.length === 0) return rival;
  return rival === null || mean(own) > mean(rival) ? own : rival;
}

type Data = { readonly features: FeatureReader; readonly folds: readonly Fold[] };

async function fit(
  {
    rows,
    seed,
    experiment,
    statistics,
    control,
    layerMethod,
    composition,
    features: layers,
    rival,
  }: ProbeWork,
  spec: ClassifierSpec,
  { features, folds }: Data,
): Promise<Omit<TrialResult, "id" | "seconds">> {
  const classifier = await classifierOf(spec, experiment);
  const own = limitFolds(folds, spec, { rows, seed: spec.seed ?? seed });
  const copies = layerMethod === "rows" ? layers.length : 1;
  const stacked = stackRows({ targets: rows.targets, folds: own, control }, copies);
  const data = {
    ...{ ...rows, features: features.of(classifier), composition, seed: spec.seed ?? seed },
    ...{ targets: stacked.targets, folds: stacked.folds },
  };
  const stopping = { classifier, options: spec.options, statistics, rival };
  const stopped = spec.trainRows === undefined ? await stopEarly(data, stopping) : null;
  if (stopped !== null) {
    return { ...stopped, predictions: [], losses: [], measures: [], items: [], codeBlocks: [] };
  }
  const found = await probe(data, classifier, spec.options);
  const { name, options } = spec;
  const more = await statisticsOfTrial(found, {
    ...{ data, classifier, name, options, statistics, copies, control: stacked.control },
  });
  return {
    ...found,
    ...more,
    scores: [...found.scores, ...found.measures, ...more.scores],
    flags: [...found.flags, ...more.flags],
    ...(spec.trainRows === undefined ? {} : { testToTrain: testToTrainOf(own) }),
  };
}

/** Fewer training rows, where the trial is a point of a learning curve. */
function limitFolds(
  folds: readonly Fold[],
  { trainRows }: ClassifierSpec,
  { rows: { task, targets }, seed }: Pick<ProbeWork, "rows" | "seed">,
): readonly Fold[] {
  if (trainRows === undefined) return folds;
  const labels = task === "classification" ? Int32Array.from(targets) : null;
  return limitTraining(folds, { rows: trainRows, seed, labels });
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

let latest: { readonly split: string; readonly folds: readonly Fold[] } | undefined;

/** The folds of the last split are kept: a worker meets the same ones again and again. */
function foldsOf({ split, folds, rows }: ProbeWork): readonly Fold[] {
  if (latest?.split !== split) latest = { split, folds: splitFolds(folds, rows) };
  return latest.folds;
}
