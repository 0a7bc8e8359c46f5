/** @file What is going on: runs with their stages, what finished lately, what failed. */

import type { Store } from "../store.ts";

/** Trials in the whole store by state. */
export function fetchTotals(store: Store): Readonly<Record<string, number>> {
  const rows = store.all<{ state: string; trials: number }>(
    "select state, count(*) as trials from main.trials group by state",
  );
  return Object.fromEntries(rows.map(({ state, trials }) => [state, trials]));
}

/** A failed trial: enough to see what went wrong without opening it. */
export type FailureRow = {
  readonly trial: string;
  readonly error: string;
  readonly finishedAt: number | null;
  readonly dataset: string;
  readonly model: string;
  readonly layer: string | null;
  readonly token: string | null;
  readonly classifier: string;
};

/** Failures that share a message, the newest few of them in full. */
export type FailureGroup = {
  readonly message: string;
  readonly trials: number;
  readonly examples: readonly FailureRow[];
};

const examplesShown = 5;
const groupsShown = 100;

/** All failures by message, the message seen last first. */
export function fetchFailures(store: Store): readonly FailureGroup[] {
  const rows = store.all<FailureRow & { trials: number; message: string }>(
    `with failures as (
       select key, ifnull(error, 'no message was recorded') as message, finishedAt,
         row_number() over same as place, count(*) over (partition by error) as trials,
         max(finishedAt) over (partition by error) as lastAt
       from main.trials where state = 'failed'
       window same as (partition by error order by finishedAt desc, key desc)),
     ranked as (select *, dense_rank() over (order by lastAt desc, message) as rank from failures
       where place <= ${examplesShown})
     select f.message, f.trials, t.id as trial, t.error, t.finishedAt, d.name as dataset,
       m.name as model, t.layer, t.token, trim(t.classifier || ' ' || t.options) as classifier
     from ranked f join main.trials t on t.key = f.key join main.datasets d on d.id = t.dataset
       join main.models m on m.id = t.model
     where rank <= ${groupsShown} order by rank, place`,
  );
  const groups = new Map<string, FailureGroup & { examples: FailureRow[] }>();
  for (const { message, trials, ...example } of rows) {
    const group = groups.get(message) ?? { message, trials, examples: [] };
    group.examples.push(example);
    groups.set(message, group);
  }
  return [...groups.values()];
}

/** Trials finished per span of time, oldest first; spans without any are zero. */
export type Throughput = {
  readonly spanSeconds: number;
  readonly spans: readonly { readonly done: number; readonly failed: number }[];
};

/** Throughput of the last hour, or of a shorter stretch when the run is younger. */
export function fetchThroughput(store: Store, from: number, until: number): Throughput {
  const seconds = Math.max(60, (until - from) / 1000);
  const spanSeconds = seconds <= 120 ? 2 : seconds <= 600 ? 10 : 60;
  const count = Math.min(60, Math.ceil(seconds / spanSeconds));
  const start = until - count * spanSeconds * 1000;
  const rows = store.database
    .prepare(
      `select cast((finishedAt - ?) / ? as integer) as place, state, count(*) as trials
         from main.trials where finishedAt >= ? and finishedAt < ? group by place, state`,
    )
    .all(start, spanSeconds * 1000, start, until) as {
    place: number;
    state: string;
    trials: number;
  }[];
  const spans = Array.from({ length: count }, (_, place) => {
    const at = (state: string) =>
      rows.find((row) => row.place === place && row.state === state)?.trials ?? 0;
    return { done: at("done"), failed: at("failed") };
  });
  return { spanSeconds, spans };
}
