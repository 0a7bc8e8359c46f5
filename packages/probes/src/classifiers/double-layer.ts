/** @file Double layer: one hidden layer, trained by Adam (R1's Double Layer). */

import { z } from "zod";
import { networkClassifier } from "./network-classifier.ts";
import { trainingOptions } from "./network-training.ts";
import { activationNames, feedForward } from "./networks.ts";

const options = z.strictObject({
  /** Units of the hidden layer. */
  hidden: z.int().positive().default(256),
  activation: z.enum(activationNames).default("relu"),
  ...trainingOptions,
});

export const doubleLayer = networkClassifier(options, ({ hidden, activation }) => ({
  name: `double-layer ${activation}`,
  forward: feedForward([hidden], activation),
}));
