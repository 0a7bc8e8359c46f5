/** @file The attributions of an experiment, opened: one group per dataset and model, one trial per method. */

import { type MethodSpec, type Model, methodLabel, methodSpec, readModel } from "@probegrid/probes";
import { canonicalJson, shortHash } from "../canonical.ts";
import { type Checkpoint, openCheckpoint } from "../checkpoint.ts";
import { type Dataset, loadDataset } from "../dataset.ts";
import { ExperimentError, messageOf } from "../errors.ts";
import { formatCount, formatDuration, plural } from "../format.ts";
import type { PlannedTrial } from "../store/index.ts";
import type { AttributeExperiment } from "./experiment.ts";

/** What shares one forward pass: a dataset, a model, and every method. */
export type AttributionGroup = {
  readonly dataset: Dataset;
  readonly checkpoint: Checkpoint;
  readonly model: Model;
  readonly trials: readonly AttributionTrial[];
};

export type AttributionTrial = {
  readonly id: string;
  readonly method: MethodSpec;
  /** As tables show it. */
  readonly label: string;
  readonly planned: PlannedTrial;
};

/** Raise it when the same spec would give other scores. */
const algorithmVersion = 1;

/** Opens everything an experiment names; every complaint names the file and the place in it. */
export async function planAttributions(
  experiment: AttributeExperiment,
  cache: string,
): Promise<readonly AttributionGroup[]> {
  const { folder, source } = experiment;
  const open = async <Entry, T>(
    field: string,
    entries: readonly Entry[],
    one: (entry: Entry) => Promise<T>,
  ): Promise<readonly T[]> => {
    const found: T[] = [];
    for (const [i, entry] of entries.entries()) {
      try {
        found.push(await one(entry));
      } catch (cause) {
        throw new ExperimentError(`${source}: ${field}[${i}]: ${messageOf(cause)}`, { cause });
      }
    }
    return found;
  };
  const datasets = await open("datasets", experiment.datasets, (spec) =>
    loadDataset(spec, { from: folder }),
  );
  const models = await open("models", experiment.models, async (path) => {
    const checkpoint = await openCheckpoint(path, { from: folder, memory: cache });
    readModel(checkpoint.config); // here the complaint names the place in the file
    return checkpoint;
  });
  const groups = datasets.flatMap((dataset) =>
    models.map((checkpoint) => groupOf(experiment, dataset, checkpoint)),
  );
  const seen = new Set<string>();
  return groups.filter(({ dataset, checkpoint }) => {
    const key = `${dataset.id} ${checkpoint.id}`;
    return !seen.has(key) && seen.add(key);
  });
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
  return { dataset, checkpoint, model: readModel(checkpoint.config), trials };
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
  const { name, ...options } = method;
  const spec = canonicalJson({
    kind: "attribute",
    ...{ dataset: dataset.id, model: checkpoint.id, method },
    ...(measures ? { target, perturbation, infidelityDraws, checkedTexts } : { target, measures }),
    ...{ truncation, maxTokens, seed },
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
      classifier: label,
      options: changed(name, options),
    },
  };
}

/** Options that are not the method's defaults, as tables show them. */
function changed(name: MethodSpec["name"], options: Readonly<Record<string, unknown>>): string {
  const usual: Readonly<Record<string, unknown>> = methodSpec({ name });
  return Object.entries(options)
    .filter(([key, value]) => canonicalJson(value) !== canonicalJson(usual[key]))
    .map(([key, value]) => {
      const text = canonicalJson(value).replaceAll('"', "");
      return `${key}=${text.length > 24 ? `${text.slice(0, 23)}…` : text}`;
    })
    .join(" ");
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
  const lines = [
    `${experiment.name}: ${plural(groups.length, "pair")} of dataset and model, ${plural(experiment.methods.length, "method")}`,
    `${plural(trials.length, "trial")} over ${formatCount(texts)} texts, ${finished} done, about ${formatDuration(seconds)} left`,
  ];
  return {
    experiment: experiment.name,
    ...{ trials: trials.length, texts, cached: finished, seconds, lines },
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
