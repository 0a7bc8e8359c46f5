/** @file How outputs become classes: the largest output, or R1's thresholds from the validation rows. */

import { z } from "zod";
import { DataError, take } from "../array.ts";
import { chooseThresholds } from "../thresholds.ts";
import type { FitInput, FoldFit } from "./classifier.ts";

/**
 * "largest": the class with the largest output. "thresholds": two classes only; the score above which class
 * 1 is predicted is chosen on the validation rows, for accuracy and F1 apart.
 */
export const ruleOption = z.enum(["largest", "thresholds"]).default("largest");
export type RuleName = z.infer<typeof ruleOption>;

/** Adds thresholds to every fold where the rule asks for them. */
export function withRule(
  { task, folds }: FitInput,
  fits: readonly FoldFit[],
  rule: RuleName,
): readonly FoldFit[] {
  if (rule === "largest") return fits;
  if (task.kind !== "classification" || task.classes !== 2) {
    throw new DataError(
      `rule "thresholds": expected a classification with 2 classes, got ${
        task.kind === "regression" ? "a regression" : `${task.classes} classes`
      }`,
    );
  }
  return fits.map((fit, f) => {
    const { validation } = folds[f]!;
    if (validation.length === 0) {
      throw new DataError(
        `rule "thresholds": expected validation rows in fold ${f}, got none; use resampled or fixed folds, or set folds.validation`,
      );
    }
    return {
      ...fit,
      thresholds: chooseThresholds(fit.validation.data, take(task.targets, validation)),
    };
  });
}
