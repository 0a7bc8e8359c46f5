/** @file The classifier that a trial names: one of Probegrid's, or one of the experiment file's own. */

import { type Classifier, classifiers } from "@probegrid/probes";
import type { ClassifierSpec } from "../experiment/classifiers.ts";
import { type ExperimentSource, findCustomPart } from "./custom-parts.ts";

const table: Readonly<Record<string, Classifier>> = classifiers;

export async function classifierOf(
  { name, custom }: ClassifierSpec,
  experiment: ExperimentSource,
): Promise<Classifier> {
  if (custom) await findCustomPart(experiment, "classifiers", custom);
  const classifier = table[name];
  if (!classifier) throw new Error(`internal: no classifier ${name}`);
  return classifier;
}
