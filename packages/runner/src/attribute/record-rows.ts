/** @file Records explained rows of a group, wherever they were computed, with how plausible people find them. */

import { methods } from "@probegrid/probes";
import { type AttributionRecord, recordAttributions, type Store } from "../store/index.ts";
import type { AttributeExperiment } from "./experiment.ts";
import { goldOf } from "./gold-texts.ts";
import { plausibilityMeasures, textPlausibility } from "./gold-words.ts";
import type { AttributionGroup, AttributionTrial } from "./plan-attributions.ts";

type Place = { readonly experiment: AttributeExperiment; readonly store: Store };

/** Records of each trial, in the order of the group's trials. */
export function recordRows(
  { experiment, store }: Place,
  group: AttributionGroup,
  found: readonly (readonly AttributionRecord[])[],
): void {
  group.trials.forEach((trial, i) => {
    const judge = judgeOf(experiment, group, trial);
    recordAttributions(store, trial.id, found[i]!.map(judge));
  });
}

/** Adds a method's plausibility to a record where the experiment names trees and one spells the text. */
function judgeOf(
  experiment: AttributeExperiment,
  { dataset }: AttributionGroup,
  { method }: AttributionTrial,
): (record: AttributionRecord) => AttributionRecord {
  const gold = goldOf(experiment)?.texts;
  if (gold === undefined) return (record) => record;
  const positive = dataset.labels?.at(-1) ?? "";
  const { signed } = methods[method.name];
  return (record) => {
    if (record.error !== null) return record;
    const found = textPlausibility(record, { gold, positive, text: dataset.texts[record.row]! });
    return {
      ...record,
      measures: { ...record.measures, ...plausibilityMeasures(found, { signed }) },
    };
  };
}
