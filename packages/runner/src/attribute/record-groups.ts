/** @file Records an experiment of attributions in the store: its datasets, its models, a trial per method. */

import { canonicalJson } from "../canonical.ts";
import { modelRecordOf } from "../finetune/records.ts";
import {
  planTrials,
  recordDataset,
  recordExperiment,
  recordModel,
  type Store,
} from "../store/index.ts";
import type { AttributeExperiment } from "./experiment.ts";
import type { AttributionGroup } from "./plan-attributions.ts";

/** Returns the key of the experiment in the store. */
export function recordGroups(
  store: Store,
  { folder: _, ...experiment }: AttributeExperiment,
  groups: readonly AttributionGroup[],
): number {
  const { name, question, source } = experiment;
  const key = recordExperiment(store, {
    ...{ name, question, source, kind: "attribute" },
    spec: canonicalJson(experiment),
  });
  for (const { dataset, checkpoint, model } of groups) {
    recordDataset(store, dataset);
    recordModel(store, modelRecordOf(checkpoint, model));
  }
  const trials = groups.flatMap((group) => group.trials);
  planTrials(
    store,
    key,
    trials.map(({ planned }) => planned),
  );
  return key;
}
