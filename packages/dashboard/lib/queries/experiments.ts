/** @file The list of experiments: how far each is, how it went, and the best it found. */

import { pointsTable } from "../facts.ts";
import { bestFirst } from "../metrics.ts";
import type { Store } from "../store.ts";
import { fetchMetrics } from "./choices.ts";

/** What an experiment is doing. A run that has not been seen for a while was killed. */
export type Activity = "running" | "done" | "failed" | "stopped" | "waiting";

export type ExperimentRow = {
  readonly key: number;
  readonly name: string;
  readonly kind: string;
  readonly question: string | null;
  readonly note: string | null;
  readonly source: string | null;
  readonly tags: readonly string[];
  readonly activity: Activity;
  readonly trials: number;
  readonly done: number;
  readonly failed: number;
  readonly running: number;
  readonly startedAt: number | null;
  readonly seconds: number | null;
  readonly secondsLeft: number | null;
  readonly best: Best | null;
};

export type Best = {
  readonly trial: string;
  readonly metric: string;
  readonly mean: number;
  readonly low: number;
  readonly high: number;
  readonly layer: string | null;
  readonly layerMethod: string | null;
  readonly token: string | null;
  readonly classifier: string;
  readonly dataset: string;
  readonly model: string;
};

/** A run is taken for dead when it has not been seen for this long. */
export const deadAfter = 15_000;

type RunSum = {
  readonly experiment: number;
  readonly startedAt: number;
  readonly seconds: number;
  readonly live: number;
  readonly secondsLeft: number | null;
};

/** All experiments, newest first; `now` decides which runs are still alive. */
export function fetchExperiments(store: Store, now: number): readonly ExperimentRow[] {
  const experiments = store.all<Omit<ExperimentRow, "tags"> & { tags: string | null }>(
    `select e.key, e.name, e.kind, e.question, e.note, e.source, (select json_group_array(tag)
       from main.experiment_tags where experiment = e.key) as tags
       from main.experiments e order by e.createdAt desc, e.key desc`,
  );
  const states = stateCounts(store);
  const runs = new Map(fetchRuns(store, now).map((run) => [run.experiment, run]));
  return experiments.map((experiment) => {
    const count = (state: string) => states.get(`${experiment.key} ${state}`) ?? 0;
    const [done, failed, running, pending] = ["done", "failed", "running", "pending"].map(count);
    const run = runs.get(experiment.key);
    const counts = { done: done ?? 0, failed: failed ?? 0, pending: (pending ?? 0) + (running ?? 0) };
    return {
      ...experiment,
      tags: JSON.parse(experiment.tags ?? "[]") as string[],
      activity: activityOf(counts, run),
      trials: counts.done + counts.failed + counts.pending,
      done: counts.done,
      failed: counts.failed,
      running: running ?? 0,
      startedAt: run?.startedAt ?? null,
      seconds: run?.seconds ?? null,
      secondsLeft: run?.live ? run.secondsLeft : null,
      best: counts.done > 0 ? fetchBest(store, experiment.key) : null,
    };
  });
}

/** Trials in the whole store by state. */
export function fetchTotals(store: Store): Readonly<Record<string, number>> {
  const rows = store.all<{ state: string; trials: number }>(
    "select state, count(*) as trials from main.trials group by state",
  );
  return Object.fromEntries(rows.map(({ state, trials }) => [state, trials]));
}

function stateCounts(store: Store): ReadonlyMap<string, number> {
  const rows = store.all<{ experiment: number; state: string; trials: number }>(
    `select e.experiment, t.state, count(*) as trials from main.experiment_trials e
       join main.trials t on t.key = e.trial group by e.experiment, t.state`,
  );
  return new Map(rows.map((row) => [`${row.experiment} ${row.state}`, row.trials]));
}

function fetchRuns(store: Store, now: number): readonly RunSum[] {
  return store.database
    .prepare(
      `select r.experiment, min(r.startedAt) as startedAt,
         sum(ifnull(r.finishedAt, r.seenAt) - r.startedAt) / 1000.0 as seconds,
         max(r.finishedAt is null and r.seenAt > ?) as live,
         (select sum(p.secondsLeft) from main.progress p where p.run = max(r.key)) as secondsLeft
       from main.runs r group by r.experiment`,
    )
    .all(now - deadAfter) as RunSum[];
}

function activityOf(
  counts: { done: number; failed: number; pending: number },
  run: RunSum | undefined,
): Activity {
  if (run?.live) return "running";
  if (counts.pending > 0) return run === undefined ? "waiting" : "stopped";
  return counts.failed > 0 ? "failed" : "done";
}

function fetchBest(store: Store, experiment: number): Best | null {
  const [first] = store.all<{ metric: string }>(
    `select group_concat(s.metric, char(10)) as metric from main.experiment_trials e
       join main.summaries s on s.trial = e.trial where e.experiment = ? group by s.trial limit 1`,
    experiment,
  );
  const own = first?.metric.split("\n") ?? [];
  const metric = fetchMetrics(store).find((name) => own.includes(name));
  if (metric === undefined) return null;
  const { order } = bestFirst(metric);
  const [best] = store.all<Omit<Best, "metric">>(
    `with best as (select p.* from temp.${pointsTable(store.database, metric)} p
         join main.experiment_trials e on e.trial = p.trial and e.experiment = ?
         order by p.mean ${order}, p.trial limit 1)
     select t.id as trial, best.mean, best.low, best.high, t.layer, t.layerMethod, t.token,
       t.classifier, d.name as dataset, m.name as model
     from best join main.trials t on t.key = best.trial
       join main.datasets d on d.id = t.dataset join main.models m on m.id = t.model`,
    experiment,
  );
  return best === undefined ? null : { ...best, metric };
}
