/** @file Grids and random searches: which points they stand for. */

import { expect, it } from "vitest";
import { gridPoints, randomPoints } from "./search.ts";

it("crosses every list, the first one outermost, and counts equal points once", () => {
  const points = gridPoints({ learning_rate: [1e-3, 1e-4], max_epochs: [1, 2, 2], seed: 7 });
  expect(
    points.map(({ learningRate, maxEpochs, seed }) => [learningRate, maxEpochs, seed]),
  ).toEqual([
    [1e-3, 1, 7],
    [1e-3, 2, 7],
    [1e-4, 1, 7],
    [1e-4, 2, 7],
  ]);
});

it("takes a list of numbers as the weights of classes, and lists of lists as a grid", () => {
  expect(gridPoints({ classWeights: [1, 2] }).map(({ classWeights }) => classWeights)).toEqual([
    [1, 2],
  ]);
  const several = gridPoints({ classWeights: [null, "balanced", [1, 3]] });
  expect(several.map(({ classWeights }) => classWeights)).toEqual([null, "balanced", [1, 3]]);
});

it("draws from distributions within their bounds, the same for the same seed", () => {
  const knobs = {
    learningRate: { logUniform: [1e-5, 1e-2] },
    dropout: { uniform: [0.1, 0.3] },
    layersFrozen: { integer: [1, 3] },
    pooling: { choice: ["cls", "mean"] },
    batchSize: [8, 16],
  };
  const points = randomPoints(knobs, { trials: 400, seed: 1 });
  expect(points).toHaveLength(400);
  expect(randomPoints(knobs, { trials: 400, seed: 1 })).toEqual(points);
  expect(randomPoints(knobs, { trials: 3, seed: 2 })).not.toEqual(points.slice(0, 3));
  for (const { learningRate, dropout } of points) {
    expect(learningRate).toBeGreaterThanOrEqual(1e-5);
    expect(learningRate).toBeLessThanOrEqual(1e-2);
    expect(dropout).toBeGreaterThanOrEqual(0.1);
    expect(dropout).toBeLessThanOrEqual(0.3);
  }
  // Three powers of ten, each as likely: a third of the draws, give or take 5 standard deviations.
  const low = points.filter(({ learningRate }) => learningRate < 1e-4).length;
  expect(Math.abs(low - 400 / 3)).toBeLessThan(5 * Math.sqrt(400 * (1 / 3) * (2 / 3)));
  expect(new Set(points.map(({ layersFrozen }) => layersFrozen))).toEqual(new Set([1, 2, 3]));
  expect(new Set(points.map(({ batchSize }) => batchSize))).toEqual(new Set([8, 16]));
});

it("says where a distribution is not one, or stands without a search", () => {
  expect(() => gridPoints({ learningRate: { logUniform: [1, 2] } })).toThrow(
    "add search: { trials }",
  );
  const search = { trials: 2, seed: 0 };
  expect(() => randomPoints({ learningRate: { logUniform: [0, 1] } }, search)).toThrow(
    "learningRate.logUniform: expected 0 < low <= high, got [0,1]",
  );
  expect(() => randomPoints({ learningRate: { uniform: [1] } }, search)).toThrow(
    "expected two numbers",
  );
});
