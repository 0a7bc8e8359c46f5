/** @file Scores of the synthetic trials: a bump over the layers, plus what the pooling, the classifier and the fold do. */

import { type FinishedTrial, failTrial, type Store } from "@probegrid/runner/store";
import { folds, type Point, tokenEffect, trialOf } from "./grid.ts";
import { targetsOf, testRows } from "./records.ts";

const classifierEffect = { lda: 0, logistic: 0.01, ridge: -0.01, mlp: 0.015 } as const;
const epochs = 5;

/** Fails one point in 400, as a numeric routine would; returns whether it did. */
export function failPoint(store: Store, point: Point): boolean {
  const { id } = trialOf(point);
  if (Number.parseInt(id.slice(0, 8), 16) % 400 !== 0) return false;
  failTrial(store, id, new Error(`${point.classifier.name}: covariance is singular in fold 3`));
  return true;
}

/** Everything a finished trial records. */
export function finishedTrialOf(point: Point, environment: string): FinishedTrial {
  const { id } = trialOf(point);
  const random = createRandom(Number.parseInt(id.slice(0, 8), 16));
  const accuracies = Array.from({ length: folds }, (_, fold) => {
    const difficulty = 0.012 * Math.sin(fold * 2.4);
    return clamp(expected(point) + difficulty + 0.015 * (random() + random() - 1));
  });
  return {
    id,
    environment,
    seconds: 0.02 + 0.03 * random(),
    scores: accuracies.flatMap((accuracy, fold) => scoresOf(accuracy, fold, point)),
    predictions: accuracies.map((accuracy, fold) =>
      predictionOf(accuracy, { fold, point, random }),
    ),
    losses: point.classifier.name === "mlp" ? accuracies.flatMap(lossesOf) : [],
    flags: random() < 0.01 ? ["hit iteration limit"] : [],
  };
}

/** Accuracy a point would have on endless data. */
function expected({ dataset, model, layer, token, classifier }: Point): number {
  const distance = layer / model.layers - dataset.best;
  const bump = Math.exp(-((distance / 0.45) ** 2));
  const size = 0.012 * Math.log2(model.layers / 6);
  const effect = tokenEffect[token] + classifierEffect[classifier.name] + size;
  return dataset.floor + (dataset.top - dataset.floor) * bump + effect;
}

function scoresOf(accuracy: number, fold: number, { dataset }: Point) {
  const chance = 1 / dataset.classes;
  const values = {
    accuracy,
    macroF1: clamp(accuracy - 0.01),
    balancedAccuracy: clamp(accuracy - 0.005),
    matthews: (accuracy - chance) / (1 - chance),
    auc: clamp(0.5 + (accuracy - chance) / (2 * (1 - chance)) + 0.02),
  };
  return Object.entries(values).map(([metric, value]) => ({ metric, fold, value }));
}

function predictionOf(
  accuracy: number,
  { fold, point, random }: { fold: number; point: Point; random: () => number },
) {
  const { classes } = point.dataset;
  const targets = targetsOf(classes);
  const predicted = Int32Array.from(testRows(fold), (row) => {
    const target = targets[row] ?? 0;
    return random() < accuracy
      ? target
      : (target + 1 + Math.floor(random() * (classes - 1))) % classes;
  });
  const scores =
    classes === 2 ? Float32Array.from(predicted, (y) => (y - 0.5) * random() + 0.5) : null;
  return { fold, predicted, scores };
}

function lossesOf(accuracy: number, fold: number) {
  return Array.from({ length: epochs }, (_, epoch) => {
    const value = 0.7 * Math.exp(-epoch / 2) + (1 - accuracy);
    return [
      { fold, part: "train" as const, epoch, value: value * 0.9 },
      { fold, part: "validation" as const, epoch, value },
    ];
  }).flat();
}

function clamp(value: number): number {
  return Math.min(1, Math.max(0, value));
}

/** mulberry32: numbers in [0, 1). */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
