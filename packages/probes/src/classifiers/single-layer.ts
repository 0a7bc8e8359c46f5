/** @file Single layer: one weight per feature and output, trained by Adam (R1's Single Layer). */

import { z } from "zod";
import type { Classifier } from "./classifier.ts";
import { trainingOptions, trainNetworks } from "./network-training.ts";
import { oneLayer } from "./networks.ts";

const options = z.strictObject({
  ...trainingOptions,
});

export const singleLayer: Classifier<z.infer<typeof options>> = {
  tasks: ["classification", "regression"],
  options,
  version: 1,
  blocks: true,
  attends: true,
  fit(input, settings) {
    const network = { name: "single-layer", forward: oneLayer, shared: !settings.standardise };
    return trainNetworks(input, network, settings);
  },
};
