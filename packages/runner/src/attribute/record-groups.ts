/** @file Records an experiment of attributions in the store: its datasets, its models, a trial per method. */

import { canonicalJson } from "../canonical.ts";
import { modelRecordOf } from "../finetune/records.ts";
import { recordPlan } from "../run/serial-run.ts";
import type { Store } from "../store/index.ts";
import type { AttributeExperiment } from "./experiment.ts";
import type { AttributionGroup } from "./plan-attributions.ts";

/** Makes open and failed trials ready; returns the key of the experiment in the store. */
export function recordGroups(
  store: Store,
  { folder: _, ...experiment }: AttributeExperiment,
  groups: readonly AttributionGroup[],
): number {
  const { name, question, source } = experiment;
  return recordPlan(store, {
    experiment: {
      ...{ name, question, source, kind: "attribute" },
      spec: canonicalJson(experiment),
    },
    datasets: groups.map(({ dataset }) => dataset),
    models: groups.map(({ checkpoint, model }) => modelRecordOf(checkpoint, model)),
    trials: groups.flatMap(({ trials }) => trials.map(({ planned }) => planned)),
  });
}
