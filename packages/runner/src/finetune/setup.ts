/** @file Sets a training up: which head, which values it starts from, which classes weigh how much. */

import {
  createRandom,
  Finetuning,
  findTensor,
  isNative,
  type Model,
  type StoredTensor as ModelTensor,
  storedWeights,
} from "@probegrid/probes";
import type { CompileOptions } from "@probegrid/probes/graph";
import type { Checkpoint } from "../checkpoint.ts";
import type { Dataset } from "../dataset.ts";
import { ExperimentError } from "../errors.ts";
import { type ClassifierConfig, readClassifierConfig } from "./classifier-config.ts";
import type { Division } from "./divide.ts";
import { storedValues } from "./save-checkpoint.ts";
import type { FinetuneSettings } from "./settings.ts";
import type { Tokenized } from "./tokenize-all.ts";

type Setup = {
  readonly checkpoint: Checkpoint;
  readonly model: Model;
  readonly dataset: Dataset;
  readonly settings: FinetuneSettings;
  readonly classifier: ClassifierConfig;
  readonly division: Division;
  readonly tokenized: Tokenized;
  readonly padId: number;
  readonly session: CompileOptions;
  /** Called after each batch of an evaluation. */
  readonly onBatch: () => void;
  /** Most texts computed at once. */
  readonly pieceRows: number;
};

/** The classifier that a dataset asks for. */
export function classifierFor(
  { task, labels, name }: Dataset,
  settings: FinetuneSettings,
): ClassifierConfig {
  const { pooling, classificatorSize: hidden, labelSmoothing, classWeights } = settings;
  if (task === "regression") {
    const unfit = { labelSmoothing: labelSmoothing > 0, classWeights: classWeights !== null };
    const [knob] = Object.entries({ ...unfit, weightedSampling: settings.weightedSampling }).find(
      ([, given]) => given,
    ) ?? [null];
    if (knob) {
      throw new ExperimentError(`${knob}: needs classes, dataset "${name}" has values to predict`);
    }
  }
  return { task, labels: task === "regression" ? null : labels, head: { pooling, hidden } };
}

/** A training, ready to run. */
export async function openTraining(setup: Setup): Promise<Finetuning> {
  const { checkpoint, model, dataset, settings, classifier, division, tokenized } = setup;
  const { layersFrozen, labelSmoothing, classificatorSize: _, ...rest } = settings;
  const outputs = classifier.labels?.length ?? 1;
  return await Finetuning.create({
    graph: {
      model,
      weights: storedWeights(checkpoint.tensors as ReadonlyMap<string, ModelTensor>, model.prefix),
      task: classifier.task,
      outputs,
      head: classifier.head,
      ...{ layersFrozen, labelSmoothing },
      dropout: dropoutOf(model, settings),
      classWeights: classWeightsOf(dataset, division, settings),
    },
    initial: initialValues(setup, outputs),
    data: { ...division, texts: tokenized.texts, targets: dataset.targets },
    settings: rest,
    ...{ padId: setup.padId, session: setup.session },
    ...{ onBatch: setup.onBatch, pieceRows: setup.pieceRows },
  });
}

function dropoutOf({ dropoutRates }: Model, { dropout }: FinetuneSettings) {
  if (dropout === null) return dropoutRates;
  const given = typeof dropout === "number" ? { head: dropout } : dropout;
  return {
    hidden: given.hidden ?? dropoutRates.hidden,
    attention: given.attention ?? dropoutRates.attention,
    head: given.head ?? dropoutRates.head,
  };
}

/** "balanced" weighs a class by rows / (classes · rows of the class), as scikit-learn does. */
function classWeightsOf(
  { labels, targets, name }: Dataset,
  { train }: Division,
  { classWeights }: FinetuneSettings,
): readonly number[] | null {
  if (classWeights === null || labels === null) return null;
  if (classWeights !== "balanced") {
    if (classWeights.length === labels.length) return classWeights;
    throw new ExperimentError(
      `classWeights: expected ${labels.length} for the classes of "${name}" (${labels.join(", ")}), got ${classWeights.length}`,
    );
  }
  const counts = new Array<number>(labels.length).fill(0);
  for (const row of train) counts[targets[row]!]! += 1;
  return counts.map((count) => (count === 0 ? 1 : train.length / (labels.length * count)));
}

/** Standard deviation of new weights where a config names none: that of BERT. */
const usualSpread = 0.02;

/**
 * Stored values; for a head that the checkpoint lacks, or that answers with other classes, fresh
 * ones: normal weights, zero biases and scales of one, as `transformers` makes them, decided by the seed.
 */
function initialValues(
  { checkpoint, model, classifier, settings }: Setup,
  outputs: number,
): (name: string, shape: readonly number[]) => Float32Array {
  const tensors = checkpoint.tensors as ReadonlyMap<string, ModelTensor>;
  const stored = storedWeights(tensors, model.prefix);
  const own = readClassifierConfig(checkpoint.config);
  const sameClasses =
    isNative(own.head) === isNative(classifier.head) &&
    own.task === classifier.task &&
    own.labels?.join("\n") === classifier.labels?.join("\n");
  const spread = Number(checkpoint.config.initializer_range ?? usualSpread);
  const random = createRandom(settings.seed).fork("head");
  return (name, shape) => {
    const found = findTensor(tensors, name, model.prefix);
    const ofHead = /^(classifier|pre_classifier|score|pooler|head|probegrid_head)\b/.test(name);
    const fits = found !== undefined && String(found.shape) === String(shape);
    const answers = shape[0] === outputs && !name.startsWith("pooler");
    if (!ofHead || (fits && (sameClasses || !answers))) {
      stored(name, shape); // checks type and shape
      return storedValues(checkpoint, model, name);
    }
    const values = new Float32Array(shape.reduce((a, b) => a * b, 1));
    const own = random.fork(name);
    if (shape.length === 1) return values.fill(/norm\.weight$/i.test(name) ? 1 : 0);
    return values.map(() => own.normal() * spread);
  };
}
