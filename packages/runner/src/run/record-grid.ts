/** @file Records what a run is about: the experiment, its datasets, models and splits, and every trial. */

import { baselineScores } from "@probegrid/probes";
import { canonicalJson } from "../canonical.ts";
import type { Dataset } from "../dataset.ts";
import type { Experiment } from "../experiment/complete.ts";
import { tokenName } from "../experiment/vocabulary.ts";
import { type Cell, cellsOf, type Grid, pairsOf, type Split } from "../grid.ts";
import type { GridModel } from "../grid-model.ts";
import { trialsOf } from "../grid-trials.ts";
import { recordControlTask } from "../statistics/control-record.ts";
import {
  foldRoles,
  type PlannedTrial,
  planTrials,
  recordBaselines,
  recordDataset,
  recordExperiment,
  recordModel,
  recordSplit,
  type Store,
} from "../store/index.ts";

/** Writes the grid and returns the key of its experiment. Trials that are known keep their state. */
export function recordGrid(store: Store, grid: Grid): number {
  const { experiment, datasets, models, splits } = grid;
  const key = recordExperiment(store, {
    name: experiment.name,
    kind: "probe",
    question: experiment.question,
    spec: canonicalJson(plainExperiment(experiment)),
    source: experiment.source,
  });
  for (const dataset of datasets) {
    recordDataset(store, dataset);
    const split = splits.get(dataset.id);
    if (split) recordDivision(store, { experiment, dataset, split });
    if (experiment.statistics.control) recordControlTask(store, dataset, experiment.seed);
  }
  for (const model of models) recordModel(store, modelRecord(model));
  planTrials(store, key, plannedTrials(grid));
  return key;
}

type Division = {
  readonly experiment: Experiment;
  readonly dataset: Dataset;
  readonly split: Split;
};

function recordDivision(store: Store, { experiment, dataset, split }: Division): void {
  recordSplit(store, {
    id: split.id,
    dataset: dataset.id,
    spec: experiment.folds,
    roles: split.folds.map((fold) => foldRoles(fold, dataset.texts.length)),
  });
  const rows = { ...dataset, classes: dataset.labels?.length ?? 0 };
  recordBaselines(store, split.id, baselineScores(rows, split.folds));
}

function modelRecord({ checkpoint, model }: GridModel) {
  const { id, name, path, parameters, dtype, revision, bytes } = checkpoint;
  const { layers, width } = model.geometry;
  return {
    id,
    name,
    path,
    architecture: model.type,
    layers,
    width,
    parameters,
    dtype,
    revision,
    bytes,
  };
}

function* plannedTrials(grid: Grid): Generator<PlannedTrial> {
  for (const pair of pairsOf(grid)) {
    for (const cell of cellsOf(grid, pair)) {
      const shared = sharedFields(grid, cell);
      for (const { id, spec, classifier } of trialsOf(grid, cell)) {
        yield {
          ...shared,
          ...{ id, spec, classifier: classifier.name, options: classifier.shown },
          seed: classifier.seed ?? grid.experiment.seed,
        };
      }
    }
  }
}

/** What the trials of one feature matrix have in common. */
function sharedFields({ splits }: Grid, { dataset, model, pooling }: Cell) {
  const { layers, layerMethod, layerName, token } = pooling;
  return {
    ...{ layerMethod, kind: "probe" as const },
    dataset: dataset.id,
    model: model.checkpoint.id,
    split: splits.get(dataset.id)?.id ?? null,
    layer: layerName,
    layerIndex: layers.length === 1 ? (layers[0] ?? null) : null,
    token: token.kind === "custom" ? token.name : tokenName(token),
  };
}

/** The experiment as JSON can say it: of functions, their hashes are in the poolers and classifiers. */
export function plainExperiment({
  custom: _,
  source: _source,
  folder: _folder,
  ...plain
}: Experiment): object {
  return plain;
}
