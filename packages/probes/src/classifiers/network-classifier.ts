/** @file What every trained network over plain features has in common. */

import type { z } from "zod";
import type { Classifier } from "./classifier.ts";
import { type Network, type TrainingOptions, trainNetworks } from "./network-training.ts";

/** A classifier that trains the network its options describe. */
export function networkClassifier<Options extends TrainingOptions>(
  options: z.ZodType<Options>,
  network: (settings: Options) => Network,
): Classifier<Options> {
  return {
    tasks: ["classification", "regression"],
    options,
    version: 1,
    attends: true,
    fit: (input, settings) => trainNetworks(input, network(settings), settings),
  };
}
