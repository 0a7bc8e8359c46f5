/** @file What the synthetic trials refer to: experiment, datasets, models, splits and baselines. */

import {
  recordBaselines,
  recordDataset,
  recordEncoding,
  recordEnvironment,
  recordExperiment,
  recordModel,
  recordSplit,
  type Store,
} from "@probegrid/runner/store";
import { datasets, folds, models, rows } from "./grid.ts";

/** Records everything but the trials. */
export function recordAll(store: Store): {
  readonly experiment: number;
  readonly environment: string;
} {
  const environment = recordEnvironment(store, { device: "cpu", node: "20", synthetic: true });
  const experiment = recordExperiment(store, {
    ...{ name: "synthetic", kind: "probe", question: "Which layer knows what?", spec: "{}" },
    source: "bench/make-store.ts",
  });
  for (const model of models) {
    const bytes = model.parameters * 4;
    const rest = { path: model.name, architecture: "bert", dtype: "F32", bytes };
    recordModel(store, { ...model, ...rest });
  }
  for (const { id, name, classes } of datasets) {
    recordDataset(store, {
      ...{ id, name, path: `${name}.jsonl`, task: "classification", findings: {} },
      labels: Array.from({ length: classes }, (_, i) => `class ${i}`),
      targets: targetsOf(classes),
    });
    const split = `split-${id}`;
    const roles = Array.from({ length: folds }, (_, fold) => rolesOf(fold));
    const spec = { kind: "stratified", k: folds, seed: 1 };
    recordSplit(store, { id: split, dataset: id, spec, roles });
    recordBaselines(store, split, baselinesOf(classes));
    for (const model of models) {
      recordEncoding(store, {
        ...{ id: `encoding-${id}-${model.id}`, dataset: id, model: model.id, environment },
        ...{ texts: rows, tokens: rows * 20, truncated: 0, bytes: 1_000_000, seconds: 2 },
      });
    }
  }
  return { experiment, environment };
}

/** Classes take turns. */
export function targetsOf(classes: number): Int32Array {
  return Int32Array.from({ length: rows }, (_, row) => row % classes);
}

/** Rows of a fold's test part, in order. */
export function testRows(fold: number): readonly number[] {
  const size = rows / folds;
  return Array.from({ length: size }, (_, i) => fold * size + i);
}

function rolesOf(fold: number): Uint8Array {
  const roles = new Uint8Array(rows).fill(1);
  for (const row of testRows(fold)) roles[row] = 3;
  return roles;
}

/** Always guessing one class. */
function baselinesOf(classes: number) {
  const share = 1 / classes;
  const values = {
    accuracy: share,
    macroF1: (2 * share) / (1 + share) / classes,
    balancedAccuracy: share,
    matthews: 0,
    auc: 0.5,
  };
  return Object.entries(values).flatMap(([metric, value]) =>
    Array.from({ length: folds }, (_, fold) => ({ name: "majority", metric, fold, value })),
  );
}
