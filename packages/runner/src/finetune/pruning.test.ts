/** @file Pruning, worked by hand. */

import { expect, it } from "vitest";
import { pruneReason, pruningSchema } from "./pruning.ts";

const median = pruningSchema.parse({ kind: "median", startup: 3 });
const halving = pruningSchema.parse({ kind: "halving" });

it("ends a training whose best score is below the median of the others at the same evaluation", () => {
  const others = [
    [0.5, 0.6],
    [0.4, 0.7],
    [0.6, 0.9],
  ];
  // Medians 0.5 and 0.7; the best score so far counts.
  expect(pruneReason(median, [0.5], others)).toBe(null);
  expect(pruneReason(median, [0.45], others)).toBe(
    "best score 0.4500 is below the median 0.5000 of 3 trainings",
  );
  expect(pruneReason(median, [0.7, 0.2], others)).toBe(null);
  expect(pruneReason(median, [0.6, 0.65], others)).toContain("below the median 0.7000");
});

it("waits for enough others, and for the warm-up", () => {
  expect(pruneReason(median, [0.1], [[0.5], [0.6]])).toBe(null);
  const patient = pruningSchema.parse({ kind: "median", startup: 1, warmup: 2 });
  expect(pruneReason(patient, [0.1], [[0.5]])).toBe(null);
  expect(pruneReason(patient, [0.1, 0.1], [[0.5, 0.5]])).toContain("median");
});

it("lets the better half go on after 1, 2, 4, ... evaluations", () => {
  const others = [[0.9, 0.9, 0.9], [0.5], [0.7, 0.8, 0.8]];
  // Rung 1: 0.9, 0.7, 0.6, 0.5: two go on, from 0.7.
  expect(pruneReason(halving, [0.6], others)).toContain(
    "is not among the 2 of 4 trainings that go on",
  );
  expect(pruneReason(halving, [0.7], others)).toBe(null);
  // Rung 2: 0.9, 0.85, 0.8: one goes on. Evaluation 3 is no rung.
  expect(pruneReason(halving, [0.7, 0.85], others)).toContain("1 of 3");
  expect(pruneReason(halving, [0.7, 0.85, 0.1], others)).toBe(null);
});
