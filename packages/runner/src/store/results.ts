/** @file Reads results as rows, a page of trials in memory at a time, however many there are. */

import type Database from "better-sqlite3";
import { lowerIsBetter } from "./metrics.ts";
import type { Store } from "./open.ts";
import { experimentKey } from "./runs.ts";
import type { TrialKind } from "./schema.ts";

/** What every row says of its trial. */
export type ResultPoint = {
  readonly trial: string;
  readonly experiment: string;
  readonly kind: TrialKind;
  readonly dataset: string;
  readonly model: string;
  /** An index into hidden_states where the pooling reads one layer, else as written: "all", "9,10,11". */
  readonly layer: number | string | null;
  readonly layerMethod: string | null;
  readonly token: string | null;
  /** With the options that are not defaults: "logistic c=0.1". */
  readonly classifier: string;
  readonly seed: number | null;
  readonly metric: string;
};

/** One row per trial and metric; `values` holds the score of each fold. */
export type ResultRow = ResultPoint & {
  readonly folds: number;
  readonly mean: number;
  readonly std: number | null;
  readonly low: number | null;
  readonly high: number | null;
  /** Interval over items, of the score of all out-of-fold predictions together. */
  readonly itemScore: number | null;
  readonly itemLow: number | null;
  readonly itemHigh: number | null;
  /** By how much the mean is better than that of the same pooling and classifier on layer 0; null where that is not there. */
  readonly gainOverLayer0: number | null;
  /** Mean of every baseline of the split in this metric, by name: majority, bag of words; empty where none is stored. */
  readonly baselines: Readonly<Record<string, number>>;
  /** Remarks on the trial, such as "not converged". */
  readonly flags: readonly string[];
  readonly values: readonly number[];
};

/** One row per trial, metric and fold. */
export type FoldRow = ResultPoint & { readonly fold: number; readonly value: number };

const sign = (metric: string) => (lowerIsBetter.has(metric) ? -1 : 1);

const noFlags: readonly string[] = Object.freeze([]);

/** Trials per page: what is in memory at a time. */
const page = 500;

/** Rows of one experiment or of all, in the order the trials were planned. */
export function* readResults(store: Store, experiment?: string): Generator<ResultRow> {
  const layer0 = readLayer0(store, experiment);
  const baselines = readBaselines(store);
  const stored = storedRows(store, ofFolds("value"), experiment);
  for (const { layerIndex, values, flags, split, ...row } of stored) {
    const base = layerIndex === null ? undefined : layer0.get(lineKey({ ...row, split }));
    yield Object.freeze({
      ...row,
      baselines: baselines.get(`${split} ${row.metric}`) ?? noBaselines,
      gainOverLayer0: base === undefined ? null : sign(row.metric) * (row.mean - base),
      flags: flags === null ? noFlags : Object.freeze(JSON.parse(flags)),
      layer: layerIndex ?? row.layer,
      values: Object.freeze(JSON.parse(values)),
    });
  }
}

/** The same trials, a row for every fold. */
export function* readFoldResults(store: Store, experiment?: string): Generator<FoldRow> {
  for (const row of storedRows(store, ofFolds("json_array(fold, value)"), experiment)) {
    const layer = row.layerIndex ?? row.layer;
    for (const [fold, value] of JSON.parse(row.values) as readonly [number, number][]) {
      // Written out: spreading a record is several times slower, and this runs millions of times.
      yield {
        trial: row.trial,
        experiment: row.experiment,
        kind: row.kind,
        dataset: row.dataset,
        model: row.model,
        layer,
        layerMethod: row.layerMethod,
        token: row.token,
        classifier: row.classifier,
        seed: row.seed,
        metric: row.metric,
        fold,
        value,
      };
    }
  }
}

/** What is the same for every trial that is done, so that a table need not repeat it. */
export type CommonPoint = Readonly<
  Partial<
    Record<
      "experiment" | "kind" | "dataset" | "model" | "layerMethod" | "token" | "classifier" | "seed",
      string
    >
  >
>;

/** The columns that have one value in all results. */
export function readCommonPoint(store: Store, experiment?: string): CommonPoint {
  const columns = {
    experiment: "experiments.name",
    kind: "trials.kind",
    dataset: "datasets.name",
    model: "models.name",
    layerMethod: "coalesce(trials.layerMethod, '')",
    token: "coalesce(trials.token, '')",
    classifier: "trim(trials.classifier || ' ' || trials.options)",
    seed: "coalesce(trials.seed, '')",
  };
  const selected = Object.entries(columns).map(
    ([name, column]) => `iif(min(${column}) = max(${column}), min(${column}), null) as ${name}`,
  );
  const row = store.sqlite
    .prepare<[number | null], Readonly<Record<string, string | null>>>(
      `select ${selected.join(", ")}
       from experiment_trials
       join experiments on experiments.key = experiment_trials.experiment
       join trials on trials.key = experiment_trials.trial
       join datasets on datasets.id = trials.dataset
       join models on models.id = trials.model
       where trials.state = 'done' and experiments.key = coalesce(?, experiments.key)`,
    )
    .get(experiment === undefined ? null : experimentKey(store, experiment));
  return Object.fromEntries(Object.entries(row ?? {}).filter(([, value]) => value !== null));
}

const noBaselines: Readonly<Record<string, number>> = Object.freeze({});

/** Mean over folds of each baseline, by split and metric. */
function readBaselines(store: Store): ReadonlyMap<string, Readonly<Record<string, number>>> {
  const rows = store.sqlite
    .prepare<[], { split: string; metric: string; means: string }>(
      `select split, metric, json_group_object(name, mean order by name desc) as means
       from (select split, metric, name, avg(value) as mean from baselines group by split, metric, name)
       group by split, metric`,
    )
    .iterate();
  const found = new Map<string, Readonly<Record<string, number>>>();
  for (const { split, metric, means } of rows) {
    found.set(`${split} ${metric}`, Object.freeze(JSON.parse(means)));
  }
  return found;
}

type LinePoint = Pick<
  ResultPoint,
  "experiment" | "dataset" | "model" | "token" | "classifier" | "seed" | "metric"
> & {
  readonly split: string | null;
};

/** What trials of single layers share that differ in their layer only. */
const lineKey = ({
  experiment,
  dataset,
  model,
  token,
  classifier,
  metric,
  seed,
  split,
}: LinePoint) =>
  JSON.stringify([experiment, dataset, model, token, classifier, metric, seed, split]);

/** Mean of every metric on layer 0, by line. */
function readLayer0(store: Store, experiment: string | undefined): ReadonlyMap<string, number> {
  const rows = store.sqlite
    .prepare<[number | null], LinePoint & { readonly mean: number }>(
      `select experiments.name as experiment, datasets.name as dataset, models.name as model, trials.token,
         trim(trials.classifier || ' ' || trials.options) as classifier, summaries.metric,
         trials.seed, trials.split, summaries.mean
       from experiment_trials
       join experiments on experiments.key = experiment_trials.experiment
       join trials on trials.key = experiment_trials.trial and trials.layerIndex = 0
       join datasets on datasets.id = trials.dataset
       join models on models.id = trials.model
       join summaries on summaries.trial = trials.key
       where experiments.key = coalesce(?, experiments.key)`,
    )
    .iterate(experiment === undefined ? null : experimentKey(store, experiment));
  const means = new Map<string, number>();
  for (const row of rows) means.set(lineKey(row), row.mean);
  return means;
}

/** SQL for a JSON array over the folds; SQLite writes reals with 17 digits there, so they come back exactly. */
function ofFolds(item: string): string {
  return `select json_group_array(${item} order by fold) from scores
    where scores.trial = trials.key and scores.metric = summaries.metric`;
}

/** As SQLite gives it; `values` and `flags` are JSON. */
type StoredRow = Omit<ResultRow, "values" | "flags" | "gainOverLayer0" | "baselines"> & {
  readonly split: string | null;
  readonly layerIndex: number | null;
  readonly flags: string | null;
  readonly values: string;
};

function* storedRows(
  store: Store,
  values: string,
  experiment: string | undefined,
): Generator<StoredRow> {
  const { lastOfPage, rows } = prepare(store.sqlite, values);
  for (const key of experimentKeys(store, experiment)) {
    let after = 0;
    while (true) {
      const last = lastOfPage.get(key, after, page);
      if (last === null || last === undefined) break;
      yield* rows.all(key, after, last);
      after = last;
    }
  }
}

function experimentKeys(store: Store, experiment?: string): readonly number[] {
  if (experiment !== undefined) return [experimentKey(store, experiment)];
  return store.sqlite.prepare<[], number>("select key from experiments order by key").pluck().all();
}

function prepare(sqlite: Database.Database, values: string) {
  type Range = [experiment: number, after: number, last: number];
  return {
    lastOfPage: sqlite
      .prepare<Range, number | null>(
        `select max(trial) from (
           select trial from experiment_trials where experiment = ? and trial > ?
           order by trial limit ?)`,
      )
      .pluck(),
    rows: sqlite.prepare<Range, StoredRow>(
      `select trials.id as trial, experiments.name as experiment, trials.kind,
         datasets.name as dataset, models.name as model, trials.layer, trials.layerIndex,
         trials.layerMethod, trials.token,
         trim(trials.classifier || ' ' || trials.options) as classifier,
         summaries.metric, summaries.folds, summaries.mean, summaries.std,
         summaries.low, summaries.high,
         summaries.itemScore, summaries.itemLow, summaries.itemHigh, trials.flags, trials.seed, trials.split,
         (${values}) as "values"
       from experiment_trials
       join experiments on experiments.key = experiment_trials.experiment
       join trials on trials.key = experiment_trials.trial
       join datasets on datasets.id = trials.dataset
       join models on models.id = trials.model
       join summaries on summaries.trial = trials.key
       where experiment_trials.experiment = ? and experiment_trials.trial > ?
         and experiment_trials.trial <= ?
       order by experiment_trials.trial, summaries.metric`,
    ),
  };
}
