/** @file The life of a trial: planned, claimed, then done or failed; a finished trial never changes. */

import { and, asc, eq, gt, inArray, sql } from "drizzle-orm";
import { refusedTransition } from "./checks.ts";
import type { Store } from "./open.ts";
import { perStore } from "./per-store.ts";
import { experimentTrials, runs, type TrialState, trials } from "./schema.ts";

export type PlannedTrial = Readonly<
  Required<
    Pick<
      typeof trials.$inferInsert,
      | "id"
      | "kind"
      | "dataset"
      | "model"
      | "split"
      | "layer"
      | "layerIndex"
      | "layerMethod"
      | "token"
      | "classifier"
      | "options"
      | "seed"
      | "spec"
    >
  >
>;

/** A trial as the runner needs it to compute it. */
export type OpenTrial = PlannedTrial & { readonly key: number; readonly state: TrialState };

const { placeholder } = sql;

/** Trials written per transaction while planning, and read per page: bounds memory and how long others wait. */
const chunk = 10_000;

const statements = perStore(({ drizzle, sqlite }) => ({
  insert: drizzle
    .insert(trials)
    .values({
      id: placeholder("id"),
      kind: placeholder("kind"),
      dataset: placeholder("dataset"),
      model: placeholder("model"),
      split: placeholder("split"),
      layer: placeholder("layer"),
      layerIndex: placeholder("layerIndex"),
      layerMethod: placeholder("layerMethod"),
      token: placeholder("token"),
      classifier: placeholder("classifier"),
      options: placeholder("options"),
      seed: placeholder("seed"),
      spec: placeholder("spec"),
      state: "pending",
    })
    .onConflictDoNothing()
    .prepare(),
  keyOf: sqlite.prepare<[string], number>("select key from trials where id = ?").pluck(),
  linkedIds: sqlite
    .prepare<[number], string>(
      `select id from experiment_trials join trials on trials.key = experiment_trials.trial
       where experiment = ?`,
    )
    .pluck(),
  stateOf: sqlite.prepare<[string], TrialState>("select state from trials where id = ?").pluck(),
  claim: drizzle
    .update(trials)
    .set({
      state: "running",
      attempts: sql`${trials.attempts} + 1`,
      startedAt: sql`${placeholder("now")}`,
    })
    .where(and(eq(trials.id, placeholder("id")), eq(trials.state, "pending")))
    .prepare(),
  fail: drizzle
    .update(trials)
    .set({
      state: "failed",
      error: sql`${placeholder("error")}`,
      stack: sql`${placeholder("stack")}`,
      finishedAt: sql`${placeholder("now")}`,
    })
    .where(and(eq(trials.id, placeholder("id")), eq(trials.state, "running")))
    .prepare(),
}));

/**
 * Makes an experiment consist of exactly these trials. Trials that are stored already keep their state and scores;
 * trials of an earlier version of the grid leave the experiment but stay in the store.
 */
export function planTrials(
  store: Store,
  experiment: number,
  planned: Iterable<PlannedTrial>,
): { readonly added: number; readonly known: number; readonly removed: number } {
  const { insert, keyOf, linkedIds } = statements(store);
  const link = store.sqlite.prepare<[number, number]>(
    "insert or ignore into experiment_trials (experiment, trial) values (?, ?)",
  );
  const before = new Set(linkedIds.all(experiment)); // those that stay need no statement at all
  const linked = new Set(before);
  let added = 0;
  let known = 0;
  const plan = (trial: PlannedTrial): void => {
    if (linked.delete(trial.id)) {
      known++;
      return;
    }
    if (before.has(trial.id)) return; // planned twice
    const stored = keyOf.get(trial.id); // looking is much cheaper than an insert that does nothing
    const key = stored ?? Number(insert.run(trial).lastInsertRowid);
    if (link.run(experiment, key).changes === 0) return;
    if (stored === undefined) added++;
    else known++;
  };
  for (const some of chunks(planned, chunk)) {
    store.transaction(() => {
      for (const trial of some) plan(trial);
    });
  }
  const removed = unlink(store, experiment, linked);
  return { added, known, removed };
}

/** Takes trials out of an experiment; returns how many. */
function unlink(store: Store, experiment: number, ids: Iterable<string>): number {
  const remove = store.sqlite.prepare<[number, string]>(
    "delete from experiment_trials where experiment = ? and trial = (select key from trials where id = ?)",
  );
  let removed = 0;
  for (const some of chunks(ids, chunk)) {
    store.transaction(() => {
      for (const id of some) removed += remove.run(experiment, id).changes;
    });
  }
  return removed;
}

/** State of a stored trial, by id; undefined when it is not stored. Cheap to call a million times. */
export function stateLookup(store: Store): (id: string) => TrialState | undefined {
  const some = store.sqlite.prepare("select 1 from trials limit 1").get();
  if (some === undefined) return () => undefined;
  const { stateOf } = statements(store);
  return (id) => stateOf.get(id);
}

/** The trials of an experiment in these states, in the order they were planned, a page in memory at a time. */
export function* openTrials(
  store: Store,
  experiment: number,
  states: readonly TrialState[] = ["pending"],
): Generator<OpenTrial> {
  let last = 0;
  while (true) {
    const page = store.drizzle
      .select({
        key: trials.key,
        id: trials.id,
        kind: trials.kind,
        dataset: trials.dataset,
        model: trials.model,
        split: trials.split,
        layer: trials.layer,
        layerIndex: trials.layerIndex,
        layerMethod: trials.layerMethod,
        token: trials.token,
        classifier: trials.classifier,
        options: trials.options,
        seed: trials.seed,
        spec: trials.spec,
        state: trials.state,
      })
      .from(experimentTrials)
      .innerJoin(trials, eq(trials.key, experimentTrials.trial))
      .where(
        and(
          eq(experimentTrials.experiment, experiment),
          gt(experimentTrials.trial, last),
          inArray(trials.state, [...states]),
        ),
      )
      .orderBy(asc(experimentTrials.trial))
      .limit(1000)
      .all();
    for (const trial of page) yield Object.freeze(trial);
    if (page.length < 1000) return;
    last = page.at(-1)?.key ?? last;
  }
}

/** Marks pending trials as running; refuses, and changes none, when one of them is not pending. */
export function claimTrials(store: Store, ids: readonly string[]): void {
  const { claim, stateOf } = statements(store);
  const now = Date.now();
  store.transaction(() => {
    for (const id of ids) {
      if (claim.run({ id, now }).changes !== 1) {
        throw refusedTransition(id, stateOf.get(id), "running");
      }
    }
  });
}

/** Ids of the trials that are being computed, or were when their runner ended. */
export function runningTrials(store: Store): readonly string[] {
  return store.sqlite
    .prepare<[], string>("select id from trials where state = 'running' order by key")
    .pluck()
    .all();
}

/** Marks a running trial as failed, with what went wrong. */
export function failTrial(store: Store, id: string, error: unknown): void {
  const { fail, stateOf } = statements(store);
  const message = error instanceof Error ? error.message : String(error);
  const stack = error instanceof Error ? (error.stack ?? null) : null;
  store.transaction(() => {
    if (fail.run({ id, error: message, stack, now: Date.now() }).changes !== 1) {
      throw refusedTransition(id, stateOf.get(id), "failed");
    }
  });
}

/** Makes failed trials of an experiment pending again; returns how many. */
export function retryFailed(store: Store, experiment: number): number {
  const members = store.drizzle
    .select({ trial: experimentTrials.trial })
    .from(experimentTrials)
    .where(eq(experimentTrials.experiment, experiment));
  return store.transaction(
    () =>
      store.drizzle
        .update(trials)
        .set({ state: "pending", error: null, stack: null, startedAt: null, finishedAt: null })
        .where(and(eq(trials.state, "failed"), inArray(trials.key, members)))
        .run().changes,
  );
}

/**
 * What a runner does first: trials left running by a runner that died become pending, and its runs are closed as stopped.
 * Only the holder of the runner lock may call it.
 */
export function resetRunning(store: Store): { readonly trials: number; readonly runs: number } {
  return store.transaction(() => ({
    trials: store.drizzle
      .update(trials)
      .set({ state: "pending", startedAt: null })
      .where(eq(trials.state, "running"))
      .run().changes,
    runs: store.drizzle
      .update(runs)
      .set({ outcome: "stopped", finishedAt: sql`${runs.seenAt}` })
      .where(sql`${runs.finishedAt} is null`)
      .run().changes,
  }));
}

function* chunks<T>(items: Iterable<T>, size: number): Generator<readonly T[]> {
  let some: T[] = [];
  for (const item of items) {
    some.push(item);
    if (some.length < size) continue;
    yield some;
    some = [];
  }
  if (some.length > 0) yield some;
}
