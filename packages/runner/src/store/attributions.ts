/** @file Attributions, written a few rows at a time while their trial runs, so that a stop loses little. */

import { and, asc, eq } from "drizzle-orm";
import { bytesOf } from "./bytes.ts";
import { requireAllFinite } from "./checks.ts";
import type { Store } from "./open.ts";
import { runningTrial } from "./running-trial.ts";
import { attributions, trials } from "./schema.ts";

/** Scores at one hidden state. */
export type StoredLayer = { readonly layer: number; readonly scores: Float32Array };

/** One row of a dataset, explained by one method (or not, with the reason). */
export type AttributionRecord = {
  readonly row: number;
  readonly target: string;
  readonly predicted: string;
  readonly tokens: readonly string[];
  /** Word of each token, -1 at special tokens. */
  readonly words: Int32Array;
  readonly marks: readonly string[];
} & (
  | { readonly error: string }
  | {
      readonly error: null;
      readonly logit: number;
      readonly residual: number | null;
      readonly scores: Float32Array;
      readonly layers: readonly StoredLayer[];
      readonly measures: Readonly<Record<string, unknown>>;
    }
);

/** Records rows of a running trial; a row that is there already stays as it is. */
export function recordAttributions(
  store: Store,
  id: string,
  records: readonly AttributionRecord[],
): void {
  for (const record of records) {
    if (record.error === null) {
      requireAllFinite(record.scores, () => `trial ${id}: score of row ${record.row}`);
    }
  }
  store.transaction(() => {
    const trial = runningTrial(store, id, "rows");
    for (const record of records) {
      store.drizzle
        .insert(attributions)
        .values({ trial, ...columnsOf(record) })
        .onConflictDoNothing()
        .run();
    }
  });
}

function columnsOf(record: AttributionRecord) {
  const { row, target, predicted } = record;
  const known = {
    ...{ row, target, predicted },
    tokens: JSON.stringify(record.tokens),
    words: bytesOf(record.words),
    marks: JSON.stringify(record.marks),
  };
  if (record.error !== null) return { ...known, error: record.error };
  const { logit, residual, scores, layers, measures } = record;
  const joined = new Float32Array(layers.length * scores.length);
  layers.forEach((layer, i) => {
    joined.set(layer.scores, i * scores.length);
  });
  return {
    ...known,
    ...{ logit, residual, scores: bytesOf(scores), measures: JSON.stringify(measures) },
    layers: layers.length === 0 ? null : JSON.stringify(layers.map(({ layer }) => layer)),
    layerScores: layers.length === 0 ? null : bytesOf(joined),
  };
}

/** Rows of a trial that are recorded. */
export function attributedRows(store: Store, id: string): ReadonlySet<number> {
  const rows = store.drizzle
    .select({ row: attributions.row })
    .from(attributions)
    .innerJoin(trials, eq(trials.key, attributions.trial))
    .where(eq(trials.id, id))
    .all();
  return new Set(rows.map(({ row }) => row));
}

/** Every recorded row of a trial, in the order of the dataset; or one of them. */
export function readAttributions(
  store: Store,
  id: string,
  row?: number,
): readonly AttributionRecord[] {
  const own = eq(trials.id, id);
  return store.drizzle
    .select({ found: attributions })
    .from(attributions)
    .innerJoin(trials, eq(trials.key, attributions.trial))
    .where(row === undefined ? own : and(own, eq(attributions.row, row)))
    .orderBy(asc(attributions.row))
    .all()
    .map(({ found }) => recordOf(found));
}

function recordOf(found: typeof attributions.$inferSelect): AttributionRecord {
  const { row, target, predicted } = found;
  const known = {
    ...{ row, target, predicted },
    tokens: JSON.parse(found.tokens) as readonly string[],
    words: new Int32Array(copyOf(found.words)),
    marks: JSON.parse(found.marks ?? "[]") as readonly string[],
  };
  if (found.scores === null) return { ...known, error: found.error ?? "not explained" };
  const scores = new Float32Array(copyOf(found.scores));
  const layers = JSON.parse(found.layers ?? "[]") as readonly number[];
  const joined = new Float32Array(copyOf(found.layerScores ?? new Uint8Array()));
  return {
    ...known,
    error: null,
    logit: found.logit ?? 0,
    residual: found.residual,
    scores,
    layers: layers.map((layer, i) => ({
      layer,
      scores: joined.slice(i * scores.length, (i + 1) * scores.length),
    })),
    measures: JSON.parse(found.measures ?? "{}") as Readonly<Record<string, unknown>>,
  };
}

/** Bytes at an offset that numbers may start at. */
const copyOf = (bytes: Uint8Array): ArrayBuffer =>
  bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
