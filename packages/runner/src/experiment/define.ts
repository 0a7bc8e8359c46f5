/** @file The helpers of a TypeScript experiment file: they only give its fields their types. */

import type { CustomClassifier } from "@probegrid/probes";
import type { z } from "zod";
import type { AttributeInput } from "../attribute/experiment.ts";
import type { FinetuneInput } from "../finetune/experiment.ts";
import type { CustomPooler } from "./custom.ts";
import type { experimentSchema } from "./schema.ts";

/** What may be written in an experiment file; every default is described where the field is. */
export type ExperimentInput = z.input<typeof experimentSchema>;

/**
 * The default export of an experiment file.
 * @example
 * export default defineExperiment({
 *   name: "layers",
 *   datasets: ["reviews.jsonl"],
 *   models: ["models/demo-bert"],
 *   poolers: [{ layer: "each", token: "mean" }],
 *   classifiers: ["lda", { name: "logistic", c: 0.1 }],
 * });
 */
export function defineExperiment<Input extends ExperimentInput | FinetuneInput | AttributeInput>(
  experiment: Input,
): Input {
  return experiment;
}

/** A pooler of one's own, written with the ops of "@probegrid/probes/graph". */
export function definePooler(pooler: CustomPooler): CustomPooler {
  return pooler;
}

/**
 * A classifier of one's own: `fit` on plain matrices, or a `forward` of graph ops that is trained for its author.
 */
export function defineClassifier<Definition extends CustomClassifier>(
  classifier: Definition,
): Definition {
  return classifier;
}
