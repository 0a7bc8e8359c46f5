/** @file Writes what trials refer to: experiments, datasets, models, environments, encodings, splits and baselines. */

import { eq, sql } from "drizzle-orm";
import { idOf } from "../canonical.ts";
import { bytesOf } from "./bytes.ts";
import { requireAllFinite, requireFinite } from "./checks.ts";
import type { Store } from "./open.ts";
import {
  baselines,
  datasets,
  encodings,
  environments,
  experiments,
  models,
  splitFolds,
  splits,
} from "./schema.ts";
import { StoreError } from "./store-error.ts";

export type ExperimentRecord = Readonly<
  Pick<typeof experiments.$inferInsert, "name" | "kind" | "question" | "spec" | "source">
>;
export type ModelRecord = Readonly<typeof models.$inferInsert>;
export type EncodingRecord = Readonly<Omit<typeof encodings.$inferInsert, "finishedAt">>;
export type BaselineRecord = Readonly<Omit<typeof baselines.$inferInsert, "split">>;

export type DatasetRecord = Readonly<
  Pick<typeof datasets.$inferInsert, "id" | "name" | "path" | "task">
> & {
  /** Class names in class order; null for regression. */
  readonly labels: readonly string[] | null;
  /** Class index or value of each row. */
  readonly targets: Int32Array | Float32Array;
  readonly findings: unknown;
};

export type SplitRecord = {
  readonly id: string;
  readonly dataset: string;
  readonly spec: unknown;
  /** Per fold, a byte for each row of the dataset: 0 unused, 1 train, 2 validation, 3 test. */
  readonly roles: readonly Uint8Array[];
};

/** Records an experiment under its name and returns its key; a known name keeps its key, note and tags. */
export function recordExperiment(store: Store, experiment: ExperimentRecord): number {
  const { kind, question = null, spec, source = null } = experiment;
  return store.transaction(() => {
    const row = store.drizzle
      .insert(experiments)
      .values({ ...experiment, createdAt: Date.now() })
      .onConflictDoUpdate({ target: experiments.name, set: { kind, question, spec, source } })
      .returning({ key: experiments.key })
      .get();
    return row.key;
  });
}

/** Records a dataset; the same content under another name or path is the same dataset, newly named. */
export function recordDataset(store: Store, dataset: DatasetRecord): void {
  const { id, name, path, task, labels, targets, findings } = dataset;
  requireAllFinite(targets, () => `dataset ${name}: target`);
  const row = {
    ...{ id, name, path, task, rows: targets.length },
    labels: labels === null ? null : JSON.stringify(labels),
    targets: bytesOf(targets),
    findings: JSON.stringify(findings),
  };
  const set = { name, path, findings: row.findings };
  store.transaction(() => {
    store.drizzle
      .insert(datasets)
      .values(row)
      .onConflictDoUpdate({ target: datasets.id, set })
      .run();
  });
}

/** Records a model; the same checkpoint under another name or path is the same model, newly named. */
export function recordModel(store: Store, model: ModelRecord): void {
  const { name, path, revision = null } = model;
  store.transaction(() => {
    store.drizzle
      .insert(models)
      .values(model)
      .onConflictDoUpdate({ target: models.id, set: { name, path, revision } })
      .run();
  });
}

/** Records versions, device and machine; returns their id. */
export function recordEnvironment(
  store: Store,
  details: Readonly<Record<string, unknown>>,
): string {
  const id = idOf(details);
  const row = { id, details: JSON.stringify(details) };
  store.transaction(() => {
    store.drizzle.insert(environments).values(row).onConflictDoNothing().run();
  });
  return id;
}

/** Records a finished encoding; when it had to be made again, the newer measurement stands. */
export function recordEncoding(store: Store, encoding: EncodingRecord): void {
  requireFinite(encoding.seconds, () => `encoding ${encoding.id}: seconds`);
  const row = { ...encoding, finishedAt: Date.now() };
  store.transaction(() => {
    store.drizzle
      .insert(encodings)
      .values(row)
      .onConflictDoUpdate({ target: encodings.id, set: row })
      .run();
  });
}

/** Records how rows are divided; a split that is known must be the same one, byte for byte. */
export function recordSplit(store: Store, split: SplitRecord): void {
  const { id, dataset, roles } = split;
  const spec = JSON.stringify(split.spec);
  store.transaction(() => {
    const known = storedRoles(store, id);
    if (known.length > 0) {
      const same =
        known.length === roles.length &&
        known.every((fold, i) => Buffer.compare(fold, roles[i] ?? new Uint8Array()) === 0);
      if (same) return;
      const message = `split ${id} is stored with other folds and can not be changed`;
      throw new StoreError("invalid", message);
    }
    store.drizzle.insert(splits).values({ id, dataset, spec, folds: roles.length }).run();
    for (const [fold, rows] of roles.entries()) {
      store.drizzle
        .insert(splitFolds)
        .values({ split: id, fold, roles: bytesOf(rows) })
        .run();
    }
  });
}

/** Records scores of predictors that look at no text; the first ones stand. */
export function recordBaselines(
  store: Store,
  split: string,
  rows: readonly BaselineRecord[],
): void {
  for (const { name, metric, fold, value } of rows) {
    requireFinite(value, () => `baseline ${name}: ${metric} of fold ${fold}`);
  }
  store.transaction(() => {
    const insert = store.drizzle
      .insert(baselines)
      .values({
        split,
        name: sql.placeholder("name"),
        metric: sql.placeholder("metric"),
        fold: sql.placeholder("fold"),
        value: sql.placeholder("value"),
      })
      .onConflictDoNothing()
      .prepare();
    for (const row of rows) insert.run(row);
  });
}

/** One byte for each row of a dataset, from the row numbers of a fold. */
export function foldRoles(
  fold: {
    readonly train: Uint32Array;
    readonly validation: Uint32Array;
    readonly test: Uint32Array;
  },
  rows: number,
): Uint8Array {
  const roles = new Uint8Array(rows);
  for (const row of fold.train) roles[row] = 1;
  for (const row of fold.validation) roles[row] = 2;
  for (const row of fold.test) roles[row] = 3;
  return roles;
}

/** Roles per fold of a stored split; empty when it is not there. */
export function storedRoles(store: Store, split: string): readonly Buffer[] {
  return store.drizzle
    .select({ roles: splitFolds.roles })
    .from(splitFolds)
    .where(eq(splitFolds.split, split))
    .orderBy(splitFolds.fold)
    .all()
    .map((row) => row.roles);
}
