/** @file Ends of trainings, read from what the runner writes. */

import { expect, it } from "vitest";
import { endingOf } from "./training-end.ts";

const point = (evaluation: number, metric: string, value: number) => ({
  ...{ trial: 1, part: "train" as const, metric, evaluation, value },
  ...{ epoch: evaluation / 2, step: 7 * evaluation },
});
const points = [
  ...[point(1, "loss", 0.7), point(1, "learningRate", 1e-3)],
  ...[point(2, "loss", 0.6), point(2, "learningRate", 5e-4)],
];

it("a pruned training: evaluation, epoch, update, rate and reason", () => {
  const flags = ["3 texts truncated", "pruned after evaluation 2: best score 0.5 is below: why"];
  expect(endingOf({ error: null }, flags, points)).toEqual({
    ...{ kind: "pruned", evaluation: 2, epoch: 1, step: 14, learningRate: 5e-4 },
    why: "best score 0.5 is below: why",
  });
});

it("a diverged one: the update and its rate, after the last evaluation", () => {
  const error = "training diverged: loss is NaN at step 9 with learning rate 0.00005";
  expect(endingOf({ error }, [], points.slice(0, 2))).toEqual({
    ...{ kind: "diverged", evaluation: 1, epoch: 0.5, step: 9, learningRate: 5e-5 },
    why: "loss is NaN",
  });
});

it("a failed one keeps its message; one that went as planned has no ending", () => {
  const failed = endingOf({ error: "disk full" }, [], []);
  expect(failed).toMatchObject({ kind: "failed", step: null, why: "disk full" });
  expect(endingOf({ error: null }, ["kept evaluation 2 of 2, macroF1 0.9"], points)).toBe(null);
});
