/** @file A gated linear unit and an output layer, trained by Adam (R1's GLU). */

import { z } from "zod";
import { networkClassifier } from "./network-classifier.ts";
import { trainingOptions } from "./network-training.ts";
import { activationNames, gatedUnit } from "./networks.ts";

const options = z.strictObject({
  /** Gated units. */
  hidden: z.int().positive().default(256),
  /** On the gated half: "none" is the plain unit, "gelu" makes it a GEGLU with a sigmoid gate. */
  activation: z.enum(activationNames).default("none"),
  ...trainingOptions,
});

export const glu = networkClassifier(options, ({ hidden, activation }) => ({
  name: `glu ${activation}`,
  forward: gatedUnit(hidden, activation),
}));
