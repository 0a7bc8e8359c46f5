/** @file Ridge: least squares with an L2 penalty, on ±1 codes of the classes or on regression targets. */

import { z } from "zod";
import type { Classifier } from "./classifier.ts";
import { fitLeastSquares } from "./least-squares.ts";
import { ruleOption, withRule } from "./rule.ts";

const options = z.strictObject({
  /** Weight of the squared coefficients against the summed squared errors. */
  alpha: z.number().nonnegative().default(1),
  /** Divide features by their deviation in the training rows. */
  standardise: z.boolean().default(false),
  rule: ruleOption,
});

export const ridge: Classifier<z.infer<typeof options>> = {
  tasks: ["classification", "regression"],
  options,
  version: 1,
  blocks: true,
  fit: async (input, settings) =>
    withRule(input, await fitLeastSquares(input, settings), settings.rule),
};
