/** @file Published results as rows of the store: datasets, models, trials with their scores. */

import { summarise } from "@probegrid/probes/statistics";
import { canonicalJson, idOf, shortHash } from "../canonical.ts";
import type {
  DatasetRecord,
  FinishedTrial,
  ModelRecord,
  PlannedTrial,
  SummaryRecord,
} from "../store/index.ts";
import { classifierName } from "./classifier-names.ts";
import { knownModel } from "./known-models.ts";
import { poolingOf } from "./pooling.ts";
import type { PublishedDataset, PublishedResult } from "./published.ts";
import { testRowsOf } from "./test-rows.ts";

export type ImportedTrial = {
  readonly planned: PlannedTrial;
  readonly finished: Omit<FinishedTrial, "environment">;
};

/** What the files say about a dataset, and what their scores say. */
export type DatasetSummary = {
  readonly name: string;
  readonly task: "classification" | "regression";
  readonly trials: number;
  readonly claimedRows: number | null;
  /** Rows tested per fold, told from the accuracies, with how many trials say so; most first. */
  readonly testRows: readonly { readonly rows: number; readonly trials: number }[];
};

export type Imported = {
  readonly datasets: readonly DatasetRecord[];
  readonly models: readonly ModelRecord[];
  readonly trials: readonly ImportedTrial[];
  readonly summaries: readonly DatasetSummary[];
};

/** What published ids are hashed with: they never meet those of datasets and models that were read. */
const origin = "published";

/** Every result once, in the order of the files. */
export function toTrials(results: readonly PublishedResult[]): Imported {
  const datasets = new Map<string, { of: PublishedDataset; results: PublishedResult[] }>();
  const models = new Map<string, ModelRecord>();
  const trials = new Map<string, ImportedTrial>();
  for (const result of results) {
    const { metadata } = result.dataset;
    const id = idOf({ origin, metadata });
    const model = modelRecord(result.model);
    const trial = toTrial(result, { dataset: id, model: model.id });
    if (trials.has(trial.planned.id)) continue;
    trials.set(trial.planned.id, trial);
    models.set(model.id, model);
    const known = datasets.get(id) ?? { of: result.dataset, results: [] };
    known.results.push(result);
    datasets.set(id, known);
  }
  const rows = [...datasets].map(([id, { of, results: own }]) => {
    const summary = summaryOf(of, own);
    return { summary, record: datasetRecord(id, of, summary) };
  });
  return {
    datasets: rows.map(({ record }) => record),
    models: [...models.values()],
    trials: [...trials.values()],
    summaries: rows.map(({ summary }) => summary),
  };
}

/** Rows and targets are not in the files: none are stored, and the findings say why. */
function datasetRecord(
  id: string,
  { name, link, task, labels, metadata }: PublishedDataset,
  { claimedRows, testRows }: DatasetSummary,
): DatasetRecord {
  const regression = task === "regression";
  return {
    ...{ id, name, task, path: link },
    labels: regression ? null : labels,
    targets: regression ? new Float32Array() : new Int32Array(),
    findings: { published: true, claimedRows, testRows, metadata },
  };
}

/** Zero layers, width and parameters stand for a model whose sizes are not known. */
function modelRecord(name: string): ModelRecord {
  const known = knownModel(name);
  return {
    ...{ id: idOf({ origin, model: name }), name, path: name },
    architecture: known?.architecture ?? "unknown",
    layers: known?.layers ?? 0,
    width: known?.width ?? 0,
    parameters: known?.parameters ?? 0,
    ...{ dtype: "unknown", bytes: 0 },
  };
}

function toTrial(
  result: PublishedResult,
  { dataset, model }: { dataset: string; model: string },
): ImportedTrial {
  const { form, pooler, classifier, trainRows, scores, losses, flags } = result;
  const known = knownModel(result.model);
  const hiddenStates = known === null ? null : known.layers + 1;
  const pooling = poolingOf(pooler, { hiddenStates, form });
  // The numbers are part of the identity: the same point measured twice is two results.
  const measured = shortHash(canonicalJson({ scores, losses }));
  const spec = canonicalJson({
    ...{ origin, form, dataset, model, classifier, published: pooler, trainRows, measured },
    kind: "probe",
  });
  const id = shortHash(spec);
  const planned: PlannedTrial = {
    ...{ id, dataset, model, spec, ...pooling, kind: "probe", split: null, seed: null },
    classifier: classifierName(classifier),
    options: trainRows === null ? "" : `trainRows=${trainRows}`,
  };
  const finished = { id, scores, losses, flags, seconds: null, summaries: summariesOf(result) };
  return { planned, finished };
}

/** Every fold was drawn anew: a fifth of the rows tests, a tenth validates, the rest trains. */
const testShare = 0.2;
const trainShare = 0.7;

/** Without the size of the test set against a fixed number of training rows there is no interval. */
function summariesOf({ scores, trainRows }: PublishedResult): readonly SummaryRecord[] {
  const metrics = [...new Set(scores.map(({ metric }) => metric))];
  const testRows = trainRows === null ? null : testRowsOf(valuesOf(scores, "accuracy"));
  const known = trainRows === null || testRows !== null;
  const testToTrain = trainRows === null ? testShare / trainShare : (testRows ?? 0) / trainRows;
  return metrics.map((metric) => {
    const values = valuesOf(scores, metric);
    const summary = summarise(values, { testToTrain });
    return { metric, folds: values.length, ...summary, ...(!known && { low: null, high: null }) };
  });
}

function summaryOf(
  { name, task, claimedRows }: PublishedDataset,
  results: readonly PublishedResult[],
): DatasetSummary {
  const told = new Map<number, number>();
  for (const { scores } of results) {
    const rows = testRowsOf(valuesOf(scores, "accuracy"));
    if (rows !== null) told.set(rows, (told.get(rows) ?? 0) + 1);
  }
  const counts = [...told].map(([rows, trials]) => ({ rows, trials }));
  return { name, task, claimedRows, trials: results.length, testRows: withoutDivisors(counts) };
}

function valuesOf(scores: PublishedResult["scores"], metric: string): readonly number[] {
  return scores.flatMap((score) => (score.metric === metric ? score.value : []));
}

/** Folds that happen to share a divisor tell a part of the count; they are counted with the whole. */
function withoutDivisors(counts: DatasetSummary["testRows"]): DatasetSummary["testRows"] {
  const whole = counts.filter(({ rows }) =>
    counts.every((other) => other.rows === rows || other.rows % rows !== 0),
  );
  return whole
    .map(({ rows }) => ({
      rows,
      trials: counts.reduce((sum, one) => sum + (rows % one.rows === 0 ? one.trials : 0), 0),
    }))
    .sort((a, b) => b.trials - a.trials);
}
