/** @file What can be compared: the finished trials of an experiment, in lines that differ in their layer only. */

import { leadingMetrics, lowerIsBetter } from "../store/metrics.ts";
import type { Store } from "../store/open.ts";
import { experimentKey } from "../store/runs.ts";

/** A trial with its score, as far as comparisons need it. */
export type Candidate = {
  readonly key: number;
  readonly trial: string;
  readonly dataset: string;
  readonly model: string;
  readonly layerMethod: string | null;
  readonly token: string | null;
  /** With the options that are not defaults: "logistic c=0.1". */
  readonly classifier: string;
  readonly seed: number | null;
  readonly split: string | null;
  /** Training rows kept of each fold, where fewer than the split gives. */
  readonly trainRows: number | null;
  /** An index into hidden_states where the pooling reads one layer, else as written. */
  readonly layer: number | string | null;
  readonly metric: string;
  readonly mean: number;
  /** Interval over folds. */
  readonly low: number | null;
  readonly high: number | null;
  /** Interval over items, of the score of all out-of-fold predictions together. */
  readonly itemScore: number | null;
  readonly itemLow: number | null;
  readonly itemHigh: number | null;
  /** By how much the mean is better than that of layer 0 in the same line; null where that is not there. */
  readonly gainOverLayer0: number | null;
  readonly flags: readonly string[];
};

/** Trials that differ in their layer only, best first; of equal scores the lowest layer. */
export type Line = readonly [Candidate, ...Candidate[]];

type Row = Omit<Candidate, "flags" | "layer" | "gainOverLayer0"> & {
  readonly layer: string | null;
  readonly layerIndex: number | null;
  readonly flags: string | null;
};

/** The lines of an experiment in the order planned; `metric` is accuracy or R2, by task, when null. */
export function readLines(
  store: Store,
  experiment: string,
  metric: string | null,
): readonly Line[] {
  const trials = "select trial from experiment_trials where experiment = ?";
  const lines = new Map<string, Candidate[]>();
  for (const row of readCandidates(store, metric, {
    trials,
    value: experimentKey(store, experiment),
  })) {
    const { dataset, model, layerMethod, token, classifier, seed, split, layer } = row;
    const alone = typeof layer === "number" ? null : layer;
    const point = [dataset, model, layerMethod, token, classifier, seed, split, alone];
    const key = JSON.stringify(point);
    const line = lines.get(key) ?? [];
    line.push(row);
    lines.set(key, line);
  }
  return [...lines.values()].map((line) => bestFirst(withGains(line)));
}

function withGains(line: readonly Candidate[]): readonly Candidate[] {
  const base = line.find(({ layer }) => layer === 0);
  if (base === undefined) return line;
  const sign = lowerIsBetter.has(base.metric) ? -1 : 1;
  return line.map((one) => ({ ...one, gainOverLayer0: sign * (one.mean - base.mean) }));
}

/** The finished ones of some trials as lines; each list of keys is one line. Lists without a finished trial give none. */
export function readChosenLines(
  store: Store,
  keys: readonly (readonly number[])[],
  metric: string | null,
): readonly Line[] {
  const trials = "select value from json_each(?)";
  const rows = readCandidates(store, metric, { trials, value: JSON.stringify(keys.flat()) });
  const byKey = new Map(Array.from(rows, (row) => [row.key, row]));
  const lines = keys.map((own) => own.flatMap((key) => byKey.get(key) ?? []));
  return lines.filter(({ length }) => length > 0).map(bestFirst);
}

type Which = {
  /** SQL that selects the keys of trials, with one place for a value. */
  readonly trials: string;
  readonly value: number | string;
};

function* readCandidates(
  store: Store,
  metric: string | null,
  { trials, value }: Which,
): Generator<Candidate> {
  const { classification, regression } = leadingMetrics;
  const rows = store.sqlite
    .prepare<unknown[], Row>(
      `select trials.key, trials.id as trial, ${toldApart("datasets")} as dataset, ${toldApart("models")} as model,
         trials.layerMethod, trials.token, trim(trials.classifier || ' ' || trials.options) as classifier,
         trials.seed, trials.split, trials.layer, trials.layerIndex, trials.flags,
         json_extract(trials.spec, '$.classifier.trainRows') as trainRows,
         summaries.metric, summaries.mean, summaries.low, summaries.high,
         summaries.itemScore, summaries.itemLow, summaries.itemHigh
       from trials
       join datasets on datasets.id = trials.dataset
       join models on models.id = trials.model
       join summaries on summaries.trial = trials.key and summaries.metric =
         coalesce(?, case datasets.task when 'regression' then '${regression}' else '${classification}' end)
       where trials.key in (${trials}) and trials.state = 'done'
       order by trials.key`,
    )
    .iterate(metric, value);
  for (const { layerIndex, layer, flags, ...row } of rows) {
    const own = { layer: layerIndex ?? layer, gainOverLayer0: null };
    yield { ...row, ...own, flags: JSON.parse(flags ?? "[]") };
  }
}

/** SQL for the name of a dataset or model; where others have the same, the start of its id tells it apart. */
const toldApart = (table: "datasets" | "models"): string =>
  `case when (select count(*) from ${table} other where other.name = ${table}.name) > 1
     then ${table}.name || ' (' || substr(${table}.id, 1, 4) || ')' else ${table}.name end`;

/** Best first, equals in the order planned. */
export function bestFirst(candidates: readonly Candidate[]): Line {
  const sign = lowerIsBetter.has(candidates[0]?.metric ?? "") ? 1 : -1;
  const [best, ...others] = candidates.toSorted(
    (a, b) => sign * (a.mean - b.mean) || a.key - b.key,
  );
  if (best === undefined) throw new Error("internal: a line without trials");
  return [best, ...others];
}
