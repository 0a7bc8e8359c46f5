/** @file Writes imported results in one transaction; importing them again changes nothing. */

import { canonicalJson } from "../canonical.ts";
import { ExperimentError } from "../errors.ts";
import {
  claimTrials,
  experiments,
  finishTrials,
  openTrials,
  planTrials,
  recordDataset,
  recordEnvironment,
  recordExperiment,
  recordModel,
  type Store,
  stateLookup,
  trialStates,
} from "../store/index.ts";
import type { Imported } from "./records.ts";

/** Returns how many trials are new. An experiment that was imported before grows; one that was run is refused. */
export function writeImported(
  store: Store,
  { datasets, models, trials }: Imported,
  { experiment, source }: { experiment: string; source: string },
): number {
  return store.transaction(() => {
    refuseRunExperiment(store, experiment);
    const environment = recordEnvironment(store, { origin: "published results" });
    const key = recordExperiment(store, {
      ...{ name: experiment, kind: "probe", source, question: "Published probing results" },
      spec: importedSpec,
    });
    for (const dataset of datasets) recordDataset(store, dataset);
    for (const model of models) recordModel(store, model);
    const stateOf = stateLookup(store);
    const fresh = trials.filter(({ planned }) => stateOf(planned.id) !== "done");
    const before = [...openTrials(store, key, trialStates)];
    planTrials(store, key, [...before, ...trials.map(({ planned }) => planned)]);
    claimTrials(
      store,
      fresh.map(({ planned }) => planned.id),
    );
    finishTrials(
      store,
      fresh.map(({ finished }) => ({ ...finished, environment })),
    );
    return fresh.length;
  });
}

const importedSpec = canonicalJson({ origin: "published" });

/** An experiment of one's own keeps its file and its grid. */
function refuseRunExperiment(store: Store, name: string): void {
  const known = store.drizzle
    .select({ name: experiments.name, spec: experiments.spec })
    .from(experiments)
    .all()
    .find((one) => one.name === name);
  if (known === undefined || known.spec === importedSpec) return;
  throw new ExperimentError(
    `experiment "${name}" was not imported, expected another name (--experiment)`,
  );
}
