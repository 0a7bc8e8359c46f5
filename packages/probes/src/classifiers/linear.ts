/** @file Linear regression: ordinary least squares, the shortest solution where there are many. */

import { z } from "zod";
import type { Classifier } from "./classifier.ts";
import { fitLeastSquares } from "./least-squares.ts";
import { ruleOption, withRule } from "./rule.ts";

const options = z.strictObject({
  /** Divide features by their deviation in the training rows. */
  standardise: z.boolean().default(false),
  rule: ruleOption,
});

export const linear: Classifier<z.infer<typeof options>> = {
  tasks: ["classification", "regression"],
  options,
  version: 1,
  blocks: true,
  fit: async (input, { standardise, rule }) =>
    withRule(input, await fitLeastSquares(input, { alpha: 0, standardise }), rule),
};
