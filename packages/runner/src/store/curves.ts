/** @file Curves of fine-tunings, written at each evaluation while their trial runs. */

import { asc, eq, sql } from "drizzle-orm";
import { requireFinite } from "./checks.ts";
import type { Store } from "./open.ts";
import { runningTrial } from "./running-trial.ts";
import { curves, trials } from "./schema.ts";

export type CurveRecord = Readonly<Omit<typeof curves.$inferInsert, "trial">>;

/** Records points of a running trial; a training that goes on from an older state tells them again. */
export function recordCurves(store: Store, id: string, points: readonly CurveRecord[]): void {
  for (const { metric, part, evaluation, value } of points) {
    requireFinite(value, () => `trial ${id}: ${part} ${metric} of evaluation ${evaluation}`);
  }
  store.transaction(() => {
    const trial = runningTrial(store, id, "points");
    for (const point of points) {
      store.drizzle
        .insert(curves)
        .values({ trial, ...point })
        .onConflictDoUpdate({
          target: [curves.trial, curves.part, curves.metric, curves.evaluation],
          set: { epoch: sql`excluded.epoch`, step: sql`excluded.step`, value: sql`excluded.value` },
        })
        .run();
    }
  });
}

/** The points of a trial, in the order of evaluations. */
export function readCurves(store: Store, id: string): readonly CurveRecord[] {
  return store.drizzle
    .select({
      part: curves.part,
      metric: curves.metric,
      evaluation: curves.evaluation,
      epoch: curves.epoch,
      step: curves.step,
      value: curves.value,
    })
    .from(curves)
    .innerJoin(trials, eq(trials.key, curves.trial))
    .where(eq(trials.id, id))
    .orderBy(asc(curves.part), asc(curves.metric), asc(curves.evaluation))
    .all();
}
