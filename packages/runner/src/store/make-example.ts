/** @file A small grid for tests: one experiment, one dataset, one model and their split, in a store in memory. */

import { openStore, type Store } from "./open.ts";
import { type PlannedTrial, planTrials } from "./trials.ts";
import {
  recordDataset,
  recordEnvironment,
  recordExperiment,
  recordModel,
  recordSplit,
} from "./write.ts";

/** What the example holds besides its trials. */
export type Example = {
  readonly store: Store;
  readonly experiment: number;
  readonly environment: string;
};

/** A point of the example's grid: layer `layer`, mean pooling, lda. */
export function exampleTrial(layer: number, other: Partial<PlannedTrial> = {}): PlannedTrial {
  return {
    id: `trial-${layer}`,
    kind: "probe",
    dataset: "dataset-1",
    model: "model-1",
    split: "split-1",
    layer: String(layer),
    layerIndex: layer,
    layerMethod: "mean",
    token: "mean",
    classifier: "lda",
    options: "",
    seed: null,
    spec: JSON.stringify({ layer }),
    ...other,
  };
}

/** Six texts of two classes in three folds, and one trial for each of `layers` layers. */
export function makeExample(layers = 3, file = ":memory:"): Example {
  const store = openStore(file);
  const experiment = recordExperiment(store, { name: "layers", kind: "probe", spec: "{}" });
  const environment = recordEnvironment(store, { node: "20.20.2", device: "cpu" });
  recordDataset(store, {
    ...{ id: "dataset-1", name: "polarity", path: "polarity.jsonl", task: "classification" },
    labels: ["negative", "positive"],
    targets: Int32Array.of(0, 1, 0, 1, 0, 1),
    findings: {},
  });
  recordModel(store, {
    ...{ id: "model-1", name: "demo-bert", path: "models/demo-bert", architecture: "bert" },
    ...{ layers: 4, width: 16, parameters: 1000, dtype: "F32", bytes: 4000 },
  });
  const roles = [
    Uint8Array.of(3, 3, 1, 1, 1, 1),
    Uint8Array.of(1, 1, 3, 3, 1, 1),
    Uint8Array.of(1, 1, 1, 1, 3, 3),
  ];
  recordSplit(store, { id: "split-1", dataset: "dataset-1", spec: { k: 3 }, roles });
  planTrials(
    store,
    experiment,
    Array.from({ length: layers }, (_, layer) => exampleTrial(layer)),
  );
  return { store, experiment, environment };
}
