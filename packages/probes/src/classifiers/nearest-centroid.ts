/** @file Nearest centroid: the class whose mean is closest, in Euclidean distance. */

import { z } from "zod";
import { classSums } from "./class-sums.ts";
import type { Classifier } from "./classifier.ts";
import { trainScales } from "./fold-moments.ts";
import { foldBinary, scoreLinear } from "./linear-scores.ts";
import { ruleOption, withRule } from "./rule.ts";

const options = z.strictObject({
  /** Divide features by their deviation in the training rows. */
  standardise: z.boolean().default(false),
  rule: ruleOption,
});

export const nearestCentroid: Classifier<z.infer<typeof options>> = {
  tasks: ["classification"],
  options,
  version: 1,
  blocks: true,
  async fit(input, { standardise, rule }) {
    const scalesOf = trainScales(input.sums, input.folds, standardise);
    const models = classSums(input).map(({ counts, means }, i) => {
      const scales = scalesOf[i]!;
      const size = scales.length;
      // -|x - μ|² = 2 μ·x - μ·μ - x·x, and the last is the same for every class.
      const weights = Array.from(counts, (_, k) =>
        scales.map((scale, j) => (2 * means[k * size + j]!) / scale ** 2),
      );
      const intercepts = weights.map((w, k) =>
        counts[k] === 0
          ? -1e30 // a class the fold never saw is never predicted
          : -w.reduce((sum, value, j) => sum + (value * means[k * size + j]!) / 2, 0),
      );
      return foldBinary({ weights, intercepts });
    });
    return withRule(input, scoreLinear(input, models), rule);
  },
};
