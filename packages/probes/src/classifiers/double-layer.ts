/** @file Double layer: one hidden layer, trained by Adam (R1's Double Layer). */

import { z } from "zod";
import type { Classifier } from "./classifier.ts";
import { trainingOptions, trainNetworks } from "./network-training.ts";
import { activationNames, feedForward } from "./networks.ts";

const options = z.strictObject({
  /** Units of the hidden layer. */
  hidden: z.int().positive().default(256),
  activation: z.enum(activationNames).default("relu"),
  ...trainingOptions,
});

export const doubleLayer: Classifier<z.infer<typeof options>> = {
  tasks: ["classification", "regression"],
  options,
  version: 1,
  attends: true,
  fit(input, settings) {
    const network = {
      name: `double-layer ${settings.activation}`,
      forward: feedForward([settings.hidden], settings.activation),
    };
    return trainNetworks(input, network, settings);
  },
};
