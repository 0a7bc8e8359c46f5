/** @file Reports against scikit-learn's classification_report and hand-worked sums. */

import { expect, it } from "vitest";
import { classesOf, meanLoss, probabilitiesOf, reportClasses, reportValues } from "./report.ts";

it("counts confusion, and takes F1 over classes that occur (scikit-learn 1.9)", () => {
  // f1_score([0,0,1,1,2,2], [0,1,1,1,2,0], average="macro") = (0.5 + 0.8 + 2/3) / 3
  const report = reportClasses([0, 1, 1, 1, 2, 0], [0, 0, 1, 1, 2, 2], 4);
  expect(report.confusion).toEqual([
    [1, 1, 0, 0],
    [0, 2, 0, 0],
    [1, 0, 1, 0],
    [0, 0, 0, 0],
  ]);
  expect(report.accuracy).toBeCloseTo(4 / 6, 12);
  expect(report.macroF1).toBeCloseTo((0.5 + 0.8 + 2 / 3) / 3, 12);
  expect(report.perClass[1]).toEqual({ precision: 2 / 3, recall: 1, f1: 0.8, support: 2 });
});

it("measures values", () => {
  // errors 0, 1, -1: mse 2/3, mae 2/3; targets vary by 2 around 2: r2 = 1 - 2/2
  expect(reportValues([1, 3, 2], [1, 2, 3])).toEqual({ mse: 2 / 3, mae: 2 / 3, r2: 0 });
});

it("reads classes, probabilities and losses off outputs", () => {
  const outputs = Float32Array.of(0, Math.log(3), 5, 5);
  expect([...classesOf(outputs, 2)]).toEqual([1, 0]); // the first of equals
  expect(probabilitiesOf(outputs, 2)[1]).toBeCloseTo(0.75, 6);
  expect(meanLoss(outputs, [1, 0], 2)).toBeCloseTo((-Math.log(0.75) + Math.log(2)) / 2, 6);
});
