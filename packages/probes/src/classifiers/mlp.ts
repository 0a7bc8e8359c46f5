/** @file A multi-layer perceptron of any depth, trained by Adam. */

import { z } from "zod";
import { networkClassifier } from "./network-classifier.ts";
import { trainingOptions } from "./network-training.ts";
import { activationNames, feedForward } from "./networks.ts";

const options = z.strictObject({
  /** Units of each hidden layer. */
  hidden: z.array(z.int().positive()).min(1).default([256, 256]),
  activation: z.enum(activationNames).default("relu"),
  ...trainingOptions,
});

export const mlp = networkClassifier(options, ({ hidden, activation }) => ({
  name: `mlp ${activation}`,
  forward: feedForward(hidden, activation),
}));
