/** @file Writes everything a finished trial leaves behind, all of it in one transaction or nothing. */

import { type ItemInterval, type Summary, summarise } from "@probegrid/probes/statistics";
import { and, eq, sql } from "drizzle-orm";
import { bytesOf } from "./bytes.ts";
import { refusedTransition, requireAllFinite, requireFinite } from "./checks.ts";
import { notOverFolds, withinBounds } from "./metrics.ts";
import type { Store } from "./open.ts";
import { perStore } from "./per-store.ts";
import { type codeBlocks, type losses, type scores, type TrialState, trials } from "./schema.ts";
import { StoreError } from "./store-error.ts";
import { storedRoles } from "./write.ts";

export type ScoreRecord = Readonly<Omit<typeof scores.$inferInsert, "trial">>;
export type LossRecord = Readonly<Omit<typeof losses.$inferInsert, "trial">>;

export type CodeBlockRecord = Readonly<Omit<typeof codeBlocks.$inferInsert, "trial">>;

/** Mean, spread and interval of one metric over the folds it has a value in. */
export type SummaryRecord = Summary & { readonly metric: string; readonly folds: number };

export type PredictionRecord = {
  readonly fold: number;
  /** Class indices, or values for regression, in the order of the fold's test rows. */
  readonly predicted: Int32Array | Float32Array;
  /** Score of class 1 per test row; binary tasks only. */
  readonly scores?: Float32Array | null;
};

export type FinishedTrial = {
  readonly id: string;
  readonly scores: readonly ScoreRecord[];
  /** Taken from the scores and the split when left out. */
  readonly summaries?: readonly SummaryRecord[];
  readonly predictions?: readonly PredictionRecord[];
  readonly losses?: readonly LossRecord[];
  /** Test rows per training row, where they are not those of the split. */
  readonly testToTrain?: number;
  /** Intervals over items, by metric. */
  readonly items?: readonly ItemInterval[];
  readonly codeBlocks?: readonly CodeBlockRecord[];
  /** Time spent computing it; null for what was computed elsewhere, nobody knows when or how long: no times are kept. */
  readonly seconds: number | null;
  readonly flags?: readonly string[];
  /** Id given by `recordEnvironment`. */
  readonly environment: string;
};

const { placeholder } = sql;

const statements = perStore(({ drizzle, sqlite }) => ({
  finish: drizzle
    .update(trials)
    .set({
      state: "done",
      startedAt: sql`iif(${placeholder("now")} is null, null, ${trials.startedAt})`,
      finishedAt: sql`${placeholder("now")}`,
      seconds: sql`${placeholder("seconds")}`,
      flags: sql`${placeholder("flags")}`,
      environment: sql`${placeholder("environment")}`,
    })
    .where(and(eq(trials.id, placeholder("id")), eq(trials.state, "running")))
    .returning({ key: trials.key, split: trials.split })
    .prepare(),
  stateOf: sqlite.prepare<[string], TrialState>("select state from trials where id = ?").pluck(),
  // Plain statements: a trial writes a hundred rows, and a builder would take as long as the database.
  score: sqlite.prepare("insert into scores (trial, metric, fold, value) values (?, ?, ?, ?)"),
  summary: sqlite.prepare(
    `insert into summaries (trial, metric, folds, mean, std, low, high, itemScore, itemLow, itemHigh)
     values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  ),
  codeBlock: sqlite.prepare(
    "insert into code_blocks (trial, shuffle, block, trained, rows, bits) values (?, ?, ?, ?, ?, ?)",
  ),
  prediction: sqlite.prepare(
    "insert into predictions (trial, fold, predicted, scores) values (?, ?, ?, ?)",
  ),
  loss: sqlite.prepare(
    "insert into losses (trial, fold, part, epoch, value) values (?, ?, ?, ?, ?)",
  ),
}));

/** Rows tested per row trained on, per split. */
const ratios = perStore(() => new Map<string, number>());

/** Marks running trials as done and writes what they found; refuses, and writes nothing, when one is not running. */
export function finishTrials(store: Store, batch: readonly FinishedTrial[]): void {
  for (const trial of batch) checkFinished(trial);
  const now = Date.now();
  store.transaction(() => {
    for (const trial of batch) writeFinished(store, trial, now);
  });
}

function writeFinished(store: Store, trial: FinishedTrial, now: number): void {
  const { finish, stateOf, score, summary, prediction, loss, codeBlock } = statements(store);
  const { id, seconds, environment } = trial;
  const flags = JSON.stringify(trial.flags ?? []);
  const row = finish.get({ id, seconds, environment, flags, now: seconds === null ? null : now });
  if (row === undefined) throw refusedTransition(id, stateOf.get(id), "done");
  const { key } = row;
  for (const { metric, fold, value } of trial.scores) score.run(key, metric, fold, value);
  const summarised =
    trial.summaries ??
    summariseScores(trial.scores, trial.testToTrain ?? testToTrain(store, row.split));
  const items = new Map(trial.items?.map((item) => [item.metric as string, item]));
  for (const { metric, folds, mean, std, low, high } of summarised) {
    const item = items.get(metric);
    const ofItems = [item?.value ?? null, item?.low ?? null, item?.high ?? null];
    summary.run(key, metric, folds, mean, std, low, high, ...ofItems);
  }
  for (const { fold, predicted, scores } of trial.predictions ?? []) {
    prediction.run(key, fold, bytesOf(predicted), scores == null ? null : bytesOf(scores));
  }
  for (const { fold, part, epoch, value } of trial.losses ?? []) {
    loss.run(key, fold, part, epoch, value);
  }
  for (const { shuffle, block, trained, rows, bits } of trial.codeBlocks ?? []) {
    codeBlock.run(key, shuffle, block, trained, rows, bits);
  }
}

/** A trial that is done has scores, each once, and nothing in it is NaN or infinite. */
function checkFinished(trial: FinishedTrial): void {
  const where = `trial ${trial.id}`;
  if (trial.scores.length === 0) {
    throw new StoreError("invalid", `${where}: expected at least one score, got none`);
  }
  const seen = new Set<string>();
  for (const { metric, fold, value } of trial.scores) {
    requireFinite(value, () => `${where}: ${metric} of fold ${fold}`);
    const point = `${metric} of fold ${fold}`;
    if (seen.has(point)) throw new StoreError("invalid", `${where}: ${point} is given twice`);
    seen.add(point);
  }
  requireFinite(trial.seconds ?? 0, () => `${where}: seconds`);
  for (const { metric, mean, std, low, high } of trial.summaries ?? []) {
    requireAllFinite([mean, std ?? 0, low ?? 0, high ?? 0], () => `${where}: summary of ${metric}`);
  }
  for (const { fold, predicted, scores: ofClass } of trial.predictions ?? []) {
    requireAllFinite(predicted, () => `${where}: prediction of fold ${fold}`);
    requireAllFinite(ofClass ?? [], () => `${where}: class score of fold ${fold}`);
  }
  for (const { fold, part, epoch, value } of trial.losses ?? []) {
    requireFinite(value, () => `${where}: ${part} loss of fold ${fold}, epoch ${epoch}`);
  }
  for (const { metric, value, low, high } of trial.items ?? []) {
    requireAllFinite([value, low, high], () => `${where}: interval of ${metric} over items`);
  }
  for (const { block, bits } of trial.codeBlocks ?? []) {
    requireFinite(bits, () => `${where}: bits of block ${block}`);
  }
}

function summariseScores(
  records: readonly ScoreRecord[],
  testToTrain: number,
): readonly SummaryRecord[] {
  const byMetric = new Map<string, number[]>();
  for (const { metric, value } of records) {
    const values = byMetric.get(metric);
    if (values === undefined) byMetric.set(metric, [value]);
    else values.push(value);
  }
  return [...byMetric].map(([metric, values]) => ({
    ...{ metric, folds: values.length },
    ...withinBounds(metric, summarise(values, { testToTrain })),
    ...(notOverFolds.has(metric) ? { low: null, high: null } : {}),
  }));
}

function testToTrain(store: Store, split: string | null): number {
  if (split === null) return 0;
  const known = ratios(store).get(split);
  if (known !== undefined) return known;
  const ofFolds = storedRoles(store, split).map((roles) => {
    let train = 0;
    let test = 0;
    for (const role of roles) {
      if (role === 1) train++;
      if (role === 3) test++;
    }
    return test / Math.max(1, train);
  });
  const ratio = ofFolds.reduce((sum, value) => sum + value, 0) / Math.max(1, ofFolds.length);
  ratios(store).set(split, ratio);
  return ratio;
}
