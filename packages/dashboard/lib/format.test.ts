import { expect, test } from "vitest";
import { formatGain, formatMomentAfter, formatScore, metricLabel } from "./format.ts";

test("gives no sign to what rounds to nothing", () => {
  expect([0.0004, -0.0004, 0.0016, -0.0016].map(formatGain)).toEqual([
    ...["0.000", "0.000", "+0.002", "−0.002"],
  ]);
  expect([-0.0001, -0.1, 0].map((value) => formatScore(value))).toEqual([
    "0.000",
    "−0.100",
    "0.000",
  ]);
});

test("names metrics as papers do", () => {
  const names = ["auc", "r2", "f1", "f1 cats", "macroF1", "balancedAccuracy", "randomised_head"];
  expect(names.map(metricLabel)).toEqual([
    ...["AUC", "R²", "F1", "F1 of cats", "macro F1", "balanced accuracy", "randomised head"],
  ]);
});

test("names the day of a moment only where it is another one", () => {
  const evening = new Date(2026, 10, 21, 23, 30).getTime();
  expect(formatMomentAfter(evening, 600)).toBe("23:40");
  expect(formatMomentAfter(evening, 8 * 3600)).toBe("2026-11-22 07:30");
});
