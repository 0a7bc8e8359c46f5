/** @file Invocations of `probegrid run` with their heartbeat and progress, and what people say about experiments. */

import { hostname } from "node:os";
import { and, eq } from "drizzle-orm";
import { unknownName } from "../errors.ts";
import { requireFinite } from "./checks.ts";
import type { Store } from "./open.ts";
import { experiments, experimentTags, progress, runs } from "./schema.ts";
import { StoreError } from "./store-error.ts";

export type RunRecord = Readonly<
  Pick<typeof runs.$inferInsert, "experiment" | "command" | "device" | "workers" | "environment">
>;
export type RunOutcome = NonNullable<(typeof runs.$inferSelect)["outcome"]>;
export type ProgressRecord = Readonly<Omit<typeof progress.$inferInsert, "run" | "updatedAt">>;

/** Records that a run begins; returns its key. */
export function startRun(store: Store, run: RunRecord): number {
  const now = Date.now();
  const row = { ...run, pid: process.pid, host: hostname(), startedAt: now, seenAt: now };
  return store.transaction(
    () => store.drizzle.insert(runs).values(row).returning({ key: runs.key }).get().key,
  );
}

/** Says that the run lives, and how far its stages are; to be called about once a second. */
export function recordProgress(store: Store, run: number, stages: readonly ProgressRecord[]): void {
  const now = Date.now();
  for (const { stage, rate, secondsLeft } of stages) {
    requireFinite(rate ?? 0, () => `progress of ${stage}: rate`);
    requireFinite(secondsLeft ?? 0, () => `progress of ${stage}: seconds left`);
  }
  store.transaction(() => {
    store.drizzle.update(runs).set({ seenAt: now }).where(eq(runs.key, run)).run();
    for (const stage of stages) {
      const row = { ...stage, run, updatedAt: now };
      store.drizzle
        .insert(progress)
        .values(row)
        .onConflictDoUpdate({ target: [progress.run, progress.stage], set: row })
        .run();
    }
  });
}

/** Records how a run ended; a run ends once. */
export function finishRun(store: Store, run: number, outcome: RunOutcome): void {
  const now = Date.now();
  store.transaction(() => {
    const row = store.drizzle.select().from(runs).where(eq(runs.key, run)).get();
    if (row === undefined) throw new StoreError("missing", `run ${run} is not in the store`);
    if (row.outcome !== null) {
      throw new StoreError("transition", `run ${run} is ${row.outcome} and can not be changed`);
    }
    store.drizzle
      .update(runs)
      .set({ outcome, finishedAt: now, seenAt: now })
      .where(eq(runs.key, run))
      .run();
  });
}

/** Sets the note of an experiment; an empty text removes it. */
export function noteExperiment(store: Store, name: string, text: string): void {
  const note = text.trim() === "" ? null : text;
  store.transaction(() => {
    const key = experimentKey(store, name);
    store.drizzle.update(experiments).set({ note }).where(eq(experiments.key, key)).run();
  });
}

/** Adds a tag to an experiment; returns false when it was there. */
export function tagExperiment(store: Store, name: string, tag: string): boolean {
  const clean = tag.trim();
  if (clean === "" || clean.length > 64 || /\p{Cc}/u.test(clean)) {
    const message = `tag: expected 1 to 64 characters on one line, got ${JSON.stringify(tag)}`;
    throw new StoreError("invalid", message);
  }
  return store.transaction(() => {
    const row = { experiment: experimentKey(store, name), tag: clean };
    return store.drizzle.insert(experimentTags).values(row).onConflictDoNothing().run().changes > 0;
  });
}

/** Removes a tag from an experiment; returns false when it was not there. */
export function untagExperiment(store: Store, name: string, tag: string): boolean {
  return store.transaction(() => {
    const { experiment, tag: column } = experimentTags;
    const key = experimentKey(store, name);
    const which = and(eq(experiment, key), eq(column, tag.trim()));
    return store.drizzle.delete(experimentTags).where(which).run().changes > 0;
  });
}

/** Key of the experiment of this name; an unknown name is answered with the known ones. */
export function experimentKey(store: Store, name: string): number {
  const row = store.drizzle
    .select({ key: experiments.key })
    .from(experiments)
    .where(eq(experiments.name, name))
    .get();
  if (row !== undefined) return row.key;
  const known = store.drizzle.select({ name: experiments.name }).from(experiments).all();
  const names = known.map((experiment) => experiment.name);
  const message =
    names.length === 0
      ? `store ${store.file}: no experiment ${JSON.stringify(name)}, it holds none yet`
      : `store ${store.file}: ${unknownName("experiment", name, names)}`;
  throw new StoreError("missing", message);
}
