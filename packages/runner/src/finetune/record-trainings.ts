/** @file Writes trainings into the store before they begin: their experiment, data, models, splits and trials. */

import type { Device, Model } from "@probegrid/probes";
import { canonicalJson } from "../canonical.ts";
import { recordPlan } from "../run/serial-run.ts";
import type { recordExperiment, Store } from "../store/index.ts";
import { divideRows } from "./divide.ts";
import type { PlannedTraining } from "./plan-trainings.ts";
import { modelRecordOf, plannedTraining, recordTrainingSplit } from "./records.ts";
import { repeatCommand } from "./repeat-command.ts";

/** A training as the store knows it. */
export type RecordedTraining = Pick<
  PlannedTraining,
  "id" | "dataset" | "checkpoint" | "model" | "settings" | "pruning" | "data" | "out"
> & { readonly model: Model };

type Named = Omit<Parameters<typeof recordExperiment>[1], "kind" | "spec"> & {
  /** What the experiment was made of; where each training ends and how to repeat it are added. */
  readonly spec: object;
  readonly device: Device;
};

/** Records an experiment of trainings and makes the open ones ready; returns its key. */
export function recordTrainings(
  store: Store,
  { spec, device, ...named }: Named,
  trainings: readonly RecordedTraining[],
): number {
  const places = trainings.map((training) => ({
    id: training.id,
    out: training.out,
    command: repeatCommand({ ...training, device }),
  }));
  return recordPlan(
    store,
    {
      experiment: {
        ...named,
        kind: "finetune",
        spec: canonicalJson({ ...spec, trainings: places }),
      },
      datasets: trainings.map(({ dataset }) => dataset),
      models: trainings.map(({ checkpoint, model }) => modelRecordOf(checkpoint, model)),
      trials: trainings.map(plannedTraining),
    },
    () => {
      for (const training of trainings) {
        recordTrainingSplit(store, training, divideRows(training.dataset, training.settings));
      }
    },
  );
}
