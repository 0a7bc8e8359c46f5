/** @file A checkpoint as a grid sees it: checked against its architecture, and every feature it has to give. */

import {
  checkVocabulary,
  inference,
  type Model,
  modelInputs,
  storedWeights,
  widthOf,
} from "@probegrid/probes";
import { type Feature, featureName } from "./cache.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { ExperimentError, messageOf } from "./errors.ts";
import type { Experiment } from "./experiment/complete.ts";
import { type Pooling, resolvePoolers } from "./experiment/poolers.ts";
import { modelOf } from "./model-of.ts";
import { openTokenizer } from "./open-tokenizer.ts";

export type GridModel = {
  readonly checkpoint: Checkpoint;
  readonly model: Model;
  readonly poolings: readonly Pooling[];
  /** The pooled matrices that the poolings are made of, each once, by name. */
  readonly features: ReadonlyMap<string, SizedFeature>;
};

/** A feature and the length of its vectors. */
export type SizedFeature = Feature & { readonly width: number };

/** Builds the graph without running it: a missing or misshapen weight is found before anything is computed. */
export function checkWeights(checkpoint: Checkpoint) {
  const model = modelOf(checkpoint);
  try {
    const forward = inference(storedWeights(checkpoint.tensors, model.prefix));
    const inputs = modelInputs();
    const { hiddenStates } = model.encode(forward, model.embed(forward, inputs), inputs);
    return { model, inputs, hiddenStates };
  } catch (cause) {
    if (cause instanceof TypeError) throw cause; // a mistake of ours
    throw new ExperimentError(`model ${checkpoint.path}: ${messageOf(cause)}`, { cause });
  }
}

/** Checks weights and tokenizer, and finds every feature that the poolers need. */
export function openGridModel({ poolers, custom }: Experiment, checkpoint: Checkpoint): GridModel {
  const { model, inputs, hiddenStates } = checkWeights(checkpoint);
  checkVocabulary(openTokenizer(checkpoint), model.geometry.vocabulary);
  const poolings = resolvePoolers(poolers, {
    hiddenStates: hiddenStates.length,
    model: checkpoint.name,
  });
  const features = new Map<string, SizedFeature>();
  for (const feature of poolings.flatMap(featuresOf)) {
    const name = featureName(feature);
    if (features.has(name)) continue;
    features.set(name, { ...feature, width: widthOfFeature(feature) });
  }
  return { checkpoint, model, poolings, features };

  function widthOfFeature({ layers, token }: Feature): number {
    if (token.kind === "attention") return model.geometry.width * token.count;
    if (token.kind !== "custom") return model.geometry.width;
    const pool = custom.poolers.get(token.index)?.pool;
    if (!pool) throw new Error(`internal: poolers[${token.index}] has no function`);
    const states = layers.flatMap((layer) => hiddenStates[layer] ?? []);
    const pooled = pool({ hiddenStates: states, mask: inputs.mask });
    if (pooled.shape.length !== 2) {
      throw new ExperimentError(
        `pooler "${token.name}": expected pool to return [batch, width], got [${pooled.shape.join(", ")}]`,
        { path: `poolers[${token.index}]` },
      );
    }
    return widthOf(pooled);
  }
}

/** What a pooling reads: one matrix per layer, or the one that a custom pooler made of them all. */
export function featuresOf({ layers, token }: Pooling): readonly Feature[] {
  return token.kind === "custom"
    ? [{ layers, token }]
    : layers.map((layer) => ({ layers: [layer], token }));
}
