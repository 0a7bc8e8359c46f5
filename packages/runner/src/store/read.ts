/** @file Reads what stands where: every experiment with its state, counts, best score and last run. */

import { statSync } from "node:fs";
import { bestFirst } from "./metrics.ts";
import type { Store } from "./open.ts";
import {
  experiments,
  experimentTags,
  type progress,
  type runs,
  type TrialState,
} from "./schema.ts";

/** empty: no trials; planned: never run; stopped: no run is alive and trials are left; failed: all finished, some failed. */
export type ExperimentState = "empty" | "planned" | "running" | "stopped" | "failed" | "done";

export type TrialCounts = Readonly<Record<TrialState | "total", number>>;

/** The best score of an experiment and where it was reached. */
export type BestScore = {
  readonly trial: string;
  readonly dataset: string;
  readonly model: string;
  readonly layer: string | null;
  readonly layerMethod: string | null;
  readonly token: string | null;
  readonly classifier: string;
  readonly metric: string;
  readonly mean: number;
  readonly low: number | null;
  readonly high: number | null;
};

export type RunOverview = Readonly<typeof runs.$inferSelect> & {
  /** Not finished, and heard of a moment ago. */
  readonly alive: boolean;
  readonly stages: readonly Readonly<typeof progress.$inferSelect>[];
};

export type ExperimentOverview = Readonly<typeof experiments.$inferSelect> & {
  readonly tags: readonly string[];
  readonly state: ExperimentState;
  readonly counts: TrialCounts;
  readonly best: BestScore | null;
  readonly lastRun: RunOverview | null;
  /** Time spent in all runs. */
  readonly seconds: number;
  /** Estimate of the run at work; null when there is none. */
  readonly secondsLeft: number | null;
};

export type Failure = {
  readonly trial: string;
  readonly experiment: string;
  readonly error: string;
  readonly finishedAt: number;
};

export type StoreStatus = {
  readonly file: string;
  readonly bytes: number;
  readonly experiments: readonly ExperimentOverview[];
  /** The newest failures, at most ten. */
  readonly failures: readonly Failure[];
};

/** A run that has not been heard of for so many milliseconds is dead: it writes about once a second. */
const silence = 20_000;

/** Every experiment, newest first. `now` is the time that runs are judged alive by. */
export function readExperiments(store: Store, now = Date.now()): readonly ExperimentOverview[] {
  const counts = countTrials(store);
  const tags = store.drizzle.select().from(experimentTags).orderBy(experimentTags.tag).all();
  return store.drizzle
    .select()
    .from(experiments)
    .all()
    .reverse()
    .map((experiment) => {
      const { key } = experiment;
      const own = counts.get(key) ?? noTrials;
      const lastRun = readLastRun(store, key, now);
      return Object.freeze({
        ...experiment,
        tags: Object.freeze(tags.flatMap((row) => (row.experiment === key ? row.tag : []))),
        state: stateOf(own, lastRun),
        counts: own,
        best: readBestScore(store, key),
        lastRun,
        seconds: secondsOfRuns(store, key),
        secondsLeft: lastRun?.alive === true ? secondsLeft(lastRun) : null,
      });
    });
}

/** Everything `probegrid status` shows. */
export function readStatus(store: Store, now = Date.now()): StoreStatus {
  const bytes = store.file === ":memory:" ? 0 : statSync(store.file).size;
  const failures = store.sqlite
    .prepare<[], Failure>(
      `select trials.id as trial, experiments.name as experiment, trials.error, trials.finishedAt
       from trials
       join experiment_trials on experiment_trials.trial = trials.key
       join experiments on experiments.key = experiment_trials.experiment
       where trials.state = 'failed'
       order by trials.finishedAt desc, trials.key desc limit 10`,
    )
    .all();
  return Object.freeze({
    file: store.file,
    bytes,
    experiments: readExperiments(store, now),
    failures: failures.map((failure) => Object.freeze(failure)),
  });
}

/** Ids of all trials that are done. */
export function doneTrials(store: Store): ReadonlySet<string> {
  return new Set(
    store.sqlite
      .prepare<[], string>("select id from trials where state = 'done'")
      .pluck()
      .iterate(),
  );
}

const noTrials: TrialCounts = { pending: 0, running: 0, done: 0, failed: 0, total: 0 };

function countTrials(store: Store): ReadonlyMap<number, TrialCounts> {
  const rows = store.sqlite
    .prepare<[], { experiment: number; state: TrialState; count: number }>(
      `select experiment, state, count(*) as count
       from experiment_trials join trials on trials.key = experiment_trials.trial
       group by experiment, state`,
    )
    .all();
  const counts = new Map<number, TrialCounts>();
  for (const { experiment, state, count } of rows) {
    const known = counts.get(experiment) ?? noTrials;
    counts.set(experiment, Object.freeze({ ...known, [state]: count, total: known.total + count }));
  }
  return counts;
}

/** The best mean of the leading metric of an experiment's first finished trial: accuracy, else R2, else what there is. */
function readBestScore(store: Store, experiment: number): BestScore | null {
  const metric = store.sqlite
    .prepare<[number], string>(
      `select metric from summaries
       where trial = (
         select min(experiment_trials.trial) from experiment_trials
         join trials on trials.key = experiment_trials.trial
         where experiment = ? and state = 'done')
       order by case metric when 'accuracy' then 0 when 'r2' then 1 else 2 end, metric limit 1`,
    )
    .pluck()
    .get(experiment);
  if (metric === undefined) return null;
  const best = store.sqlite
    .prepare<[string, number], BestScore>(
      `select trials.id as trial, datasets.name as dataset, models.name as model,
         trials.layer, trials.layerMethod, trials.token,
         trim(trials.classifier || ' ' || trials.options) as classifier,
         summaries.metric, summaries.mean, summaries.low, summaries.high
       from experiment_trials
       join summaries on summaries.trial = experiment_trials.trial and summaries.metric = ?
       join trials on trials.key = experiment_trials.trial
       join datasets on datasets.id = trials.dataset
       join models on models.id = trials.model
       where experiment_trials.experiment = ?
       order by ${bestFirst("summaries.metric", "summaries.mean")}, trials.key limit 1`,
    )
    .get(metric, experiment);
  return best === undefined ? null : Object.freeze(best);
}

function readLastRun(store: Store, experiment: number, now: number): RunOverview | null {
  const run = store.sqlite
    .prepare<[number], typeof runs.$inferSelect>(
      "select * from runs where experiment = ? order by key desc limit 1",
    )
    .get(experiment);
  if (run === undefined) return null;
  const stages = store.sqlite
    .prepare<[number], typeof progress.$inferSelect>("select * from progress where run = ?")
    .all(run.key);
  const alive = run.finishedAt === null && Math.abs(now - run.seenAt) < silence;
  return Object.freeze({ ...run, alive, stages: Object.freeze(stages) });
}

function stateOf(counts: TrialCounts, lastRun: RunOverview | null): ExperimentState {
  if (lastRun?.alive === true) return "running";
  if (counts.total === 0) return "empty";
  if (counts.pending + counts.running > 0) return lastRun === null ? "planned" : "stopped";
  return counts.failed > 0 ? "failed" : "done";
}

function secondsOfRuns(store: Store, experiment: number): number {
  const milliseconds = store.sqlite
    .prepare<[number], number>(
      "select coalesce(sum(coalesce(finishedAt, seenAt) - startedAt), 0) from runs where experiment = ?",
    )
    .pluck()
    .get(experiment);
  return (milliseconds ?? 0) / 1000;
}

/** Stages run one after the other, so their estimates add up; null while none has one. */
function secondsLeft(run: RunOverview): number | null {
  const known = run.stages.flatMap((stage) => stage.secondsLeft ?? []);
  return known.length === 0 ? null : known.reduce((sum, seconds) => sum + seconds, 0);
}
