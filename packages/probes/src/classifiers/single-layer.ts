/** @file Single layer: one weight per feature and output, trained by Adam (R1's Single Layer). */

import { z } from "zod";
import { networkClassifier } from "./network-classifier.ts";
import { trainingOptions } from "./network-training.ts";
import { oneLayer } from "./networks.ts";

const options = z.strictObject({
  ...trainingOptions,
});

export const singleLayer = {
  ...networkClassifier(options, ({ standardise }) => ({
    name: "single-layer",
    forward: oneLayer,
    shared: !standardise,
  })),
  blocks: true,
};
