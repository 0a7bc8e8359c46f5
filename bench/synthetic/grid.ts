/** @file The grid of the synthetic store: datasets x models x layers x poolings x classifiers x seeds. */

import { createHash } from "node:crypto";
import type { PlannedTrial } from "@probegrid/runner/store";

/** Where in the network a property shows best, from 0 (embeddings) to 1 (last layer), and how well at most. */
export const datasets = [
  { id: "synthetic-polarity", name: "polarity", classes: 2, best: 0.85, floor: 0.58, top: 0.88 },
  { id: "synthetic-number", name: "subject-number", classes: 2, best: 0.5, floor: 0.58, top: 0.91 },
  { id: "synthetic-length", name: "length", classes: 6, best: 0.15, floor: 0.3, top: 0.9 },
  { id: "synthetic-topic", name: "topic", classes: 6, best: 0.65, floor: 0.45, top: 0.88 },
] as const;

export const models = [
  { id: "synthetic-48", name: "xl-48-layers", layers: 48, width: 1600, parameters: 1_557_611_200 },
  { id: "synthetic-24", name: "bert-large", layers: 24, width: 1024, parameters: 335_141_888 },
  { id: "synthetic-12", name: "bert-base", layers: 12, width: 768, parameters: 109_482_240 },
  { id: "synthetic-6", name: "distilbert", layers: 6, width: 768, parameters: 66_362_880 },
] as const;

/** Twenty poolings, and what each adds to the accuracy. */
export const tokenEffect = {
  ...{ mean: 0, cls: -0.05, max: -0.02, min: -0.03, first: -0.09, last: -0.04 },
  ...{
    "first 3, mean": -0.06,
    "last 3, mean": -0.03,
    "first 5, mean": -0.04,
    "last 5, mean": -0.02,
  },
  ...{
    "quantile 0.05": -0.05,
    "quantile 0.1": -0.04,
    "quantile 0.2": -0.025,
    "quantile 0.3": -0.015,
  },
  ...{
    "quantile 0.4": -0.01,
    "quantile 0.5": -0.005,
    "quantile 0.6": -0.01,
    "quantile 0.7": -0.015,
  },
  ...{ "quantile 0.8": -0.025, "quantile 0.9": -0.04 },
} as const;
type Token = keyof typeof tokenEffect;
const tokens = Object.keys(tokenEffect) as readonly Token[];

const classifiers = [
  { name: "lda", options: "" },
  { name: "logistic", options: "" },
  { name: "logistic", options: "c=0.1" },
  { name: "ridge", options: "" },
  { name: "mlp", options: "" },
] as const;

/** Rows of every synthetic dataset, and folds of its split. */
export const rows = 200;
export const folds = 10;

export type Point = {
  readonly dataset: (typeof datasets)[number];
  readonly model: (typeof models)[number];
  readonly layer: number;
  readonly token: Token;
  readonly classifier: (typeof classifiers)[number];
  readonly seed: number;
};

/** The first `count` points; seeds are the outermost axis, so every 37,600 points are one full grid. */
export function* syntheticGrid(count: number): Generator<Point> {
  let left = count;
  for (let seed = 1; ; seed++) {
    for (const classifier of classifiers) {
      for (const dataset of datasets) {
        for (const { model, layer } of everyLayer()) {
          for (const token of tokens) {
            if (left-- <= 0) return;
            yield { dataset, model, layer, token, classifier, seed };
          }
        }
      }
    }
  }
}

function* everyLayer() {
  for (const model of models) {
    for (let layer = 0; layer <= model.layers; layer++) yield { model, layer };
  }
}

/** A point as a row of the plan. */
export function trialOf({ dataset, model, layer, token, classifier, seed }: Point): PlannedTrial {
  const spec = JSON.stringify({
    classifier,
    dataset: dataset.id,
    model: model.id,
    pooling: { layer, token },
    seed,
  });
  return {
    id: createHash("sha256").update(spec).digest("hex").slice(0, 16),
    kind: "probe",
    dataset: dataset.id,
    model: model.id,
    split: `split-${dataset.id}`,
    layer: String(layer),
    layerIndex: layer,
    layerMethod: "mean",
    token,
    classifier: classifier.name,
    options: classifier.options,
    seed,
    spec,
  };
}
