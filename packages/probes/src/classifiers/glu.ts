/** @file A gated linear unit and an output layer, trained by Adam (R1's GLU). */

import { z } from "zod";
import type { Classifier } from "./classifier.ts";
import { trainingOptions, trainNetworks } from "./network-training.ts";
import { activationNames, gatedUnit } from "./networks.ts";

const options = z.strictObject({
  /** Gated units. */
  hidden: z.int().positive().default(256),
  /** On the gated half: "none" is the plain unit, "gelu" makes it a GEGLU with a sigmoid gate. */
  activation: z.enum(activationNames).default("none"),
  ...trainingOptions,
});

export const glu: Classifier<z.infer<typeof options>> = {
  tasks: ["classification", "regression"],
  options,
  version: 1,
  attends: true,
  fit(input, settings) {
    const network = {
      name: `glu ${settings.activation}`,
      forward: gatedUnit(settings.hidden, settings.activation),
    };
    return trainNetworks(input, network, settings);
  },
};
