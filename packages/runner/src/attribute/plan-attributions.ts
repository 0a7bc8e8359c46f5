/** @file The attributions of an experiment, opened: one group per dataset and model, one trial per method. */

import { type MethodSpec, type Model, methodLabel } from "@probegrid/probes";
import { canonicalJson, shortHash } from "../canonical.ts";
import { type Checkpoint, openCheckpoint } from "../checkpoint.ts";
import { type Dataset, loadDataset } from "../dataset.ts";
import { ExperimentError, messageOf } from "../errors.ts";
import { formatCount, formatDuration, plural } from "../format.ts";
import { modelOf } from "../model-of.ts";
import type { PlannedTrial } from "../store/index.ts";
import type { AttributeExperiment } from "./experiment.ts";
import { goldOf } from "./gold-texts.ts";
import { changedOptions } from "./methods.ts";
import { openTuned, type Train } from "./tuned-models.ts";

/** What shares one forward pass: a dataset, a model, and every method. */
export type AttributionGroup = {
  readonly dataset: Dataset;
  readonly checkpoint: Checkpoint;
  readonly model: Model;
  readonly trials: readonly AttributionTrial[];
  /** Its dataset and its model as the experiment names them, where there is one. */
  readonly entry?: Entry;
  /** The model is still to be fine-tuned; the ids of its trials will be others. */
  readonly untrained?: boolean;
};

type Entry = Pick<AttributeExperiment, "datasets" | "models">;

export type AttributionTrial = {
  readonly id: string;
  readonly method: MethodSpec;
  /** As tables show it. */
  readonly label: string;
  readonly planned: PlannedTrial;
};

/** Raise it when the same spec would give other scores. */
const algorithmVersion = 1;

/**
 * Opens everything an experiment names; every complaint names the file and the place in it. Models that
 * are to be fine-tuned are, with `train`; null where that was interrupted.
 */
export async function planAttributions(
  experiment: AttributeExperiment,
  cache: string,
  train: Train | null = null,
): Promise<readonly AttributionGroup[] | null> {
  const { folder, source, seed } = experiment;
  const at = async <T>(place: string, open: () => Promise<T>): Promise<T> => {
    try {
      return await open();
    } catch (cause) {
      const file = source === null ? "" : `${source}: `;
      throw new ExperimentError(`${file}${place}: ${messageOf(cause)}`, { cause });
    }
  };
  const groups = new Map<string, AttributionGroup>();
  for (const [d, spec] of experiment.datasets.entries()) {
    const dataset = await at(`datasets[${d}]`, () => loadDataset(spec, { from: folder }));
    for (const [m, model] of experiment.models.entries()) {
      const entry = { datasets: [spec], models: [model] };
      const group = await at(`models[${m}]`, async () => {
        if (typeof model === "string") {
          const checkpoint = await openCheckpoint(model, { from: folder, memory: cache });
          return { ...groupOf(experiment, dataset, checkpoint), entry };
        }
        const tuned = await openTuned(model, spec, { cache, folder, seed, train });
        if (tuned === null) return null;
        const { checkpoint, trained } = tuned;
        return { ...groupOf(experiment, tuned.dataset, checkpoint), entry, untrained: !trained };
      });
      if (group === null) return null;
      const key = `${group.dataset.id} ${group.checkpoint.id} ${group.checkpoint.name}`;
      if (!groups.has(key)) groups.set(key, group);
    }
  }
  return [...groups.values()];
}

/** The trials of a dataset and model, one per method. */
export function groupOf(
  experiment: AttributeExperiment,
  dataset: Dataset,
  checkpoint: Checkpoint,
): AttributionGroup {
  const trials = experiment.methods.map((method) =>
    trialOf(experiment, { dataset, checkpoint, method }),
  );
  const model = modelOf(checkpoint);
  const { layers } = model.geometry;
  const { attentionLayer: layer } = experiment;
  if (layer < -layers || layer >= layers) {
    throw new ExperimentError(
      `attentionLayer: expected a layer from ${-layers} to ${layers - 1}, got ${layer}`,
    );
  }
  return { dataset, checkpoint, model, trials };
}

type Point = {
  readonly dataset: Dataset;
  readonly checkpoint: Checkpoint;
  readonly method: MethodSpec;
};

function trialOf(
  experiment: AttributeExperiment,
  { dataset, checkpoint, method }: Point,
): AttributionTrial {
  const { target, measures, perturbation, infidelityDraws, checkedTexts } = experiment;
  const { truncation, maxTokens, seed } = experiment;
  const { label: _, ...bare } = method; // its neighbours' names do not make it another trial
  const spec = canonicalJson({
    kind: "attribute",
    ...{ dataset: dataset.id, model: checkpoint.id, method: bare },
    ...(measures ? { target, perturbation, infidelityDraws, checkedTexts } : { target, measures }),
    ...{ truncation, maxTokens, seed, trees: goldOf(experiment)?.id },
    version: algorithmVersion,
  });
  const id = shortHash(spec);
  const label = methodLabel(method);
  return {
    ...{ id, method, label },
    planned: {
      ...{ id, spec, seed, kind: "attribute", dataset: dataset.id, model: checkpoint.id },
      ...{ split: null, layer: null, layerIndex: null, layerMethod: null },
      token: target,
      classifier: methodLabel(bare),
      options: changedOptions(method),
    },
  };
}

/** What will be computed, for people and for scripts. */
export function attributionPlan(
  experiment: AttributeExperiment,
  groups: readonly AttributionGroup[],
  done: (id: string) => boolean,
) {
  const trials = groups.flatMap((group) => group.trials);
  const finished = trials.filter(({ id }) => done(id)).length;
  const texts = groups.reduce((sum, { dataset }) => sum + dataset.texts.length, 0);
  const seconds = groups.reduce((sum, group) => sum + secondsOf(group, done), 0);
  const untrained = groups.filter((group) => group.untrained === true).length;
  const lines = [
    `${experiment.name}: ${plural(groups.length, "pair")} of dataset and model, ${plural(experiment.methods.length, "method")}`,
    `${plural(trials.length, "trial")} over ${formatCount(texts)} texts, ${finished} done, about ${formatDuration(seconds)} left`,
    ...(untrained > 0 ? [`${plural(untrained, "model")} to fine-tune first`] : []),
  ];
  return {
    experiment: experiment.name,
    ...{ trials: trials.length, texts, cached: finished, untrained, seconds, lines },
  };
}

/** Passes through the model that a method takes per text, backward ones counted as two more. */
function passesOf(method: MethodSpec, tokens: number): number {
  switch (method.name) {
    case "integrated-gradients":
      return 3 * method.steps;
    case "information":
      return 3 * method.samples * method.steps * 6;
    case "occlusion":
      return tokens;
    default:
      return 3;
  }
}

// A guess for two cores of a laptop, which real runs correct while they show their progress.
const operationsPerSecond = 1e11;
/** Texts asked again per method for curves, areas and infidelity. */
const askedAgain = 60;

/**
 * Seconds that open trials of a group take: two operations per weight and token for each pass; four characters
 * make a token.
 */
export function secondsOf(
  { dataset, model, trials }: AttributionGroup,
  done: (id: string) => boolean,
): number {
  const { layers, width, maxTokens } = model.geometry;
  const open = trials.filter(({ id }) => !done(id));
  const letters = dataset.texts.reduce((sum, text) => sum + text.length, 0);
  const tokens = Math.min(maxTokens, 2 + letters / dataset.texts.length / 4);
  const passes = open.reduce((sum, { method }) => sum + passesOf(method, tokens) + askedAgain, 0);
  return (dataset.texts.length * tokens * passes * 24 * layers * width ** 2) / operationsPerSecond;
}
