/** @file Everything the store knows about one trial. */

import { leadingMetrics } from "@probegrid/runner/store";
import { within } from "../metrics.ts";
import type { Store } from "../store.ts";
import { fetchSizesOfFolds, type Sizes } from "./splits.ts";

/** The row of a trial with what it refers to. */
export type TrialFacts = {
  readonly key: number;
  readonly id: string;
  readonly kind: string;
  readonly state: string;
  readonly spec: string;
  readonly layer: string | null;
  readonly layerIndex: number | null;
  readonly layerMethod: string | null;
  readonly token: string | null;
  readonly classifier: string;
  readonly options: string;
  readonly seed: number | null;
  readonly attempts: number;
  readonly error: string | null;
  readonly stack: string | null;
  readonly startedAt: number | null;
  readonly finishedAt: number | null;
  readonly seconds: number | null;
  readonly flags: string | null;
  readonly split: string | null;
  readonly splitSpec: string | null;
  readonly datasetId: string;
  readonly dataset: string;
  readonly datasetPath: string;
  readonly task: "classification" | "regression";
  readonly rows: number;
  readonly labels: string | null;
  readonly modelId: string;
  readonly model: string;
  readonly modelPath: string;
  readonly architecture: string;
  readonly modelLayers: number;
  readonly width: number;
  readonly parameters: number;
  readonly dtype: string;
  readonly revision: string | null;
  readonly environment: string | null;
};

export type Owner = {
  readonly name: string;
  readonly source: string | null;
  readonly spec: string;
  readonly command: string | null;
};

export type MetricScores = {
  readonly metric: string;
  readonly mean: number;
  readonly std: number | null;
  readonly low: number | null;
  readonly high: number | null;
  /** Interval over items, around the score of all out-of-fold predictions together. */
  readonly itemLow: number | null;
  readonly itemHigh: number | null;
  readonly values: readonly { readonly fold: number; readonly value: number }[];
  readonly baselines: readonly { readonly name: string; readonly value: number }[];
};

export type Loss = {
  readonly fold: number;
  readonly part: "train" | "validation" | "test";
  readonly epoch: number;
  readonly value: number;
};

/** A trial by its id, or undefined. */
export function fetchTrial(store: Store, id: string): TrialFacts | undefined {
  return store.all<TrialFacts>(
    `select t.key, t.id, t.kind, t.state, t.spec, t.layer, t.layerIndex, t.layerMethod, t.token,
       t.classifier, t.options, t.seed, t.attempts, t.error, t.stack, t.startedAt, t.finishedAt,
       t.seconds, t.flags, t.split, s.spec as splitSpec, d.id as datasetId, d.name as dataset,
       d.path as datasetPath, d.task, d.rows, d.labels, m.id as modelId, m.name as model,
       m.path as modelPath, m.architecture, m.layers as modelLayers, m.width, m.parameters,
       m.dtype, m.revision, e.details as environment
     from main.trials t join main.datasets d on d.id = t.dataset
       join main.models m on m.id = t.model
       left join main.splits s on s.id = t.split
       left join main.environments e on e.id = t.environment
     where t.id = ?`,
    id,
  )[0];
}

/** Experiments a trial belongs to, with the command of their last run. */
export function fetchOwners(store: Store, trial: TrialFacts): readonly Owner[] {
  return store.all<Owner>(
    `select e.name, e.source, e.spec, (select command from main.runs r
       where r.experiment = e.key order by r.key desc limit 1) as command
     from main.experiment_trials et join main.experiments e on e.key = et.experiment
     where et.trial = ? order by e.key`,
    trial.key,
  );
}

/** Scores of every metric, fold by fold, beside the baselines of the same split. */
export function fetchScores(store: Store, trial: TrialFacts): readonly MetricScores[] {
  const rows = store.all<Omit<MetricScores, "values" | "baselines"> & { values: string }>(
    `select s.metric, s.mean, s.std, s.low, s.high, s.itemLow, s.itemHigh, (
       select json_group_array(json_object('fold', fold, 'value', value)) from (
         select fold, value from main.scores where trial = s.trial and metric = s.metric
         order by fold)) as "values"
     from main.summaries s where s.trial = ? order by s.metric`,
    trial.key,
  );
  const baselines = store.all<{ metric: string; name: string; value: number }>(
    `select metric, name, avg(value) as value from main.baselines where split = ?
       group by metric, name`,
    trial.split,
  );
  return rows.map((row) => ({
    ...row,
    ...clipped(row),
    values: JSON.parse(row.values) as MetricScores["values"],
    baselines: baselines.filter(({ metric }) => metric === row.metric),
  }));
}

type Ends = Pick<MetricScores, "metric" | "low" | "high" | "itemLow" | "itemHigh">;

/** Intervals that end where the metric ends. */
function clipped({ metric, low, high, itemLow, itemHigh }: Ends) {
  return {
    low: within(metric, low),
    high: within(metric, high),
    itemLow: within(metric, itemLow),
    itemHigh: within(metric, itemHigh),
  };
}

export type Bottom = { readonly id: string; readonly mean: number };

/** The trial of layer 0 that differs from this one in the layer only, with its accuracy or R2. */
export function fetchBottom(store: Store, trial: TrialFacts): Bottom | null {
  const [row] = store.all<Bottom>(
    `select b.id, s.mean from main.trials t join main.trials b on b.dataset = t.dataset
       and b.model = t.model and b.token is t.token and b.classifier = t.classifier
       and b.options = t.options and b.seed is t.seed and b.split is t.split
     join main.summaries s on s.trial = b.key and s.metric = ?
     where t.key = ? and b.layerIndex = 0 and b.key <> t.key and t.kind = 'probe' limit 1`,
    leadingMetrics[trial.task],
    trial.key,
  );
  return row ?? null;
}

/** Losses per epoch of every fold, empty for classifiers that are not trained by gradient. */
export function fetchLosses(store: Store, trial: TrialFacts): readonly Loss[] {
  return store.all<Loss>(
    "select fold, part, epoch, value from main.losses where trial = ? order by part, fold, epoch",
    trial.key,
  );
}

/** Sizes of the parts of each fold, empty when the split is not stored. */
export function fetchSizes(store: Store, trial: TrialFacts): readonly Sizes[] {
  return trial.split === null ? [] : fetchSizesOfFolds(store, trial.split);
}

/** Predictions of one fold's test rows beside the truth. */
export type FoldPredictions = {
  readonly fold: number;
  readonly truth: Int32Array | Float32Array;
  readonly predicted: Int32Array | Float32Array;
  /** Score of class 1, binary tasks only. */
  readonly scores: Float32Array | null;
};

/** Out-of-fold predictions, put beside the targets of the rows that the fold tested. */
export function fetchPredictions(store: Store, trial: TrialFacts): readonly FoldPredictions[] {
  const rows = store.all<{
    fold: number;
    predicted: Uint8Array;
    scores: Uint8Array | null;
    roles: Uint8Array;
    targets: Uint8Array;
  }>(
    `select p.fold, p.predicted, p.scores, f.roles, d.targets from main.predictions p
       join main.split_folds f on f.split = ? and f.fold = p.fold
       join main.datasets d on d.id = ? where p.trial = ? order by p.fold`,
    trial.split,
    trial.datasetId,
    trial.key,
  );
  const numbers = trial.task === "classification" ? int32 : float32;
  return rows.map(({ fold, predicted, scores, roles, targets }) => {
    const all = numbers(targets);
    const tested = Array.from(roles.keys()).filter((row) => roles[row] === 3);
    return {
      fold,
      truth: (trial.task === "classification" ? Int32Array : Float32Array).from(
        tested.map((row) => all[row] ?? 0),
      ),
      predicted: numbers(predicted),
      scores: scores === null ? null : float32(scores),
    };
  });
}

/** Bytes as stored (little-endian) as numbers; copied, since SQLite's buffers need not be aligned. */
function int32(bytes: Uint8Array): Int32Array {
  return new Int32Array(Uint8Array.from(bytes).buffer);
}

function float32(bytes: Uint8Array): Float32Array {
  return new Float32Array(Uint8Array.from(bytes).buffer);
}
