/** @file A multi-layer perceptron of any depth, trained by Adam. */

import { z } from "zod";
import type { Classifier } from "./classifier.ts";
import { trainingOptions, trainNetworks } from "./network-training.ts";
import { activationNames, feedForward } from "./networks.ts";

const options = z.strictObject({
  /** Units of each hidden layer. */
  hidden: z.array(z.int().positive()).min(1).default([256, 256]),
  activation: z.enum(activationNames).default("relu"),
  ...trainingOptions,
});

export const mlp: Classifier<z.infer<typeof options>> = {
  tasks: ["classification", "regression"],
  options,
  version: 1,
  attends: true,
  fit(input, settings) {
    const network = {
      name: `mlp ${settings.activation}`,
      forward: feedForward(settings.hidden, settings.activation),
    };
    return trainNetworks(input, network, settings);
  },
};
