/** @file What the store knows of fine-tunings: experiments, their trainings, curves as they grow, final scores. */

import type { Store } from "../store.ts";

/** An experiment of trainings; the newest come first. */
export type TuningExperiment = {
  readonly name: string;
  readonly question: string | null;
  readonly spec: string;
  readonly trials: number;
};

/** One training, as its row says. */
export type TrainingRow = {
  readonly key: number;
  readonly id: string;
  readonly state: "pending" | "running" | "done" | "failed";
  readonly token: string | null;
  readonly classifier: string;
  readonly seed: number | null;
  readonly spec: string;
  readonly error: string | null;
  readonly flags: string | null;
  readonly seconds: number | null;
  readonly split: string | null;
  readonly datasetId: string;
  readonly dataset: string;
  readonly task: "classification" | "regression";
  readonly model: string;
};

/** A value of a curve at one evaluation. */
export type CurveRow = {
  readonly trial: number;
  readonly part: "train" | "validation";
  readonly metric: string;
  readonly evaluation: number;
  readonly epoch: number;
  readonly step: number;
  readonly value: number;
};

/** Experiments of kind "finetune". */
export function fetchTuned(store: Store): readonly TuningExperiment[] {
  return store.all<TuningExperiment>(
    `select e.name, e.question, e.spec, count(et.trial) as trials from main.experiments e
       left join main.experiment_trials et on et.experiment = e.key
     where e.kind = 'finetune' group by e.key order by e.createdAt desc, e.key desc`,
  );
}

/** Trainings of an experiment in the order planned. */
export function fetchTrainings(store: Store, experiment: string): readonly TrainingRow[] {
  return store.all<TrainingRow>(
    `select t.key, t.id, t.state, t.token, t.classifier, t.seed, t.spec, t.error, t.flags, t.seconds,
       t.split, d.id as datasetId, d.name as dataset, d.task, m.name as model
     ${fromExperiment} order by t.key`,
    experiment,
  );
}

/** Every point of every curve of an experiment. */
export function fetchCurves(store: Store, experiment: string): readonly CurveRow[] {
  return store.all<CurveRow>(
    `select c.trial, c.part, c.metric, c.evaluation, c.epoch, c.step, c.value
     from main.curves c join (select t.key ${fromExperiment}) own on own.key = c.trial
     order by c.trial, c.evaluation`,
    experiment,
  );
}

/** Final scores of an experiment's trainings, by trial and metric. */
export function fetchFinalScores(
  store: Store,
  experiment: string,
): readonly { readonly trial: number; readonly metric: string; readonly value: number }[] {
  return store.all(
    `select s.trial, s.metric, s.value
     from main.scores s join (select t.key ${fromExperiment}) own on own.key = s.trial
     where s.fold = 0 order by s.trial`,
    experiment,
  );
}

/** What guessing scores on the rows of a split. */
export function fetchGuesses(
  store: Store,
  split: string,
): readonly { readonly name: string; readonly metric: string; readonly value: number }[] {
  return store.all(
    "select name, metric, value from main.baselines where split = ? and fold = 0 order by name",
    split,
  );
}

const fromExperiment = `from main.experiments e
     join main.experiment_trials et on et.experiment = e.key join main.trials t on t.key = et.trial
     join main.datasets d on d.id = t.dataset join main.models m on m.id = t.model
     where e.name = ? and t.kind = 'finetune'`;
