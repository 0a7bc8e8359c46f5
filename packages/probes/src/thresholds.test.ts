/** @file R1's thresholds, worked by hand. */

import { expect, it } from "vitest";
import { applyRule, chooseThresholds } from "./thresholds.ts";

it("takes the lowest of the best of 20 candidates, for accuracy and F1 apart", () => {
  // Candidates 0, 0.5, ..., 9.5. Accuracy is best (6 of 7) once 7 and 8 are above and 1 to 6 are not: from 6 on.
  const scores = [0, 1, 3, 4, 6, 8, 10];
  const truth = [0, 0, 1, 0, 0, 1, 1];
  const { accuracy, f1 } = chooseThresholds(scores, truth);
  expect(accuracy).toEqual({ above: 6 });
  // F1 above 6: 2·2/(2 + 3) = 0.8; above 1 (up to 2.5): 2·3/(5 + 3) = 0.75; so the same threshold wins.
  expect(f1).toEqual({ above: 6 });
  expect([...applyRule(accuracy, scores)]).toEqual([0, 0, 0, 0, 0, 1, 1]);
});

it("lets F1 choose another threshold than accuracy", () => {
  const scores = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
  const truth = [0, 0, 0, 0, 1, 1, 0, 0, 0, 0];
  const { accuracy, f1 } = chooseThresholds(scores, truth);
  // Steps of 0.45. Above 8.1 only the 9 is called positive: 7 of 10 right, F1 0. Above 3.15 (the first
  // candidate past 3) the two positives are found with four others: 6 of 10 right, F1 2·2/(2 + 6) = 0.5.
  expect(accuracy).toEqual({ above: (18 * 9) / 20 });
  expect(f1).toEqual({ above: (7 * 9) / 20 });
});

it("predicts the better constant where all scores are equal", () => {
  expect(chooseThresholds([2, 2, 2], [0, 0, 1])).toEqual({
    accuracy: { always: 0 },
    f1: { always: 1 },
  });
  expect([...applyRule({ always: 1 }, [5, 6])]).toEqual([1, 1]);
});
