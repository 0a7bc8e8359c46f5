/** @file Which rows of each table belong to an experiment, in an order in which every row finds what it refers to. */

import { getTableColumns } from "drizzle-orm";
import { getTableConfig, SQLiteTable } from "drizzle-orm/sqlite-core";
import * as schema from "../store/schema.ts";

/** One table of a bundle. */
export type BundleTable = {
  readonly name: string;
  readonly columns: readonly BundleColumn[];
  /** Which rows are exported: a condition with `:experiment`, the experiment's key. */
  readonly where: string;
  /** Columns that hold a row number of the store they came from, and the table it counts in. */
  readonly keys: Readonly<Record<string, "experiments" | "trials" | "runs">>;
};

export type BundleColumn = {
  readonly name: string;
  readonly kind: "text" | "integer" | "real" | "blob";
  readonly required: boolean;
  readonly allowed: readonly string[] | null;
};

const members = "select trial from experiment_trials where experiment = :experiment";
const ofTrials = `trial in (${members})`;
const datasets = `select dataset from trials where key in (${members})`;
const models = `select model from trials where key in (${members})`;
const splits = `select split from trials where key in (${members})`;
const runs = "select key from runs where experiment = :experiment";
const byTrial = { where: ofTrials, keys: { trial: "trials" } } as const;

type Belonging = Pick<BundleTable, "where"> & Partial<Pick<BundleTable, "keys">>;

/** One row per table of the store. */
const belonging = {
  environments: {
    where: `id in (select environment from trials where key in (${members}))
      or id in (select environment from runs where experiment = :experiment)
      or id in (select environment from encodings where dataset in (${datasets}) and model in (${models}))`,
  },
  datasets: { where: `id in (${datasets})` },
  models: { where: `id in (${models})` },
  encodings: { where: `dataset in (${datasets}) and model in (${models})` },
  splits: { where: `id in (${splits})` },
  splitFolds: { where: `split in (${splits})` },
  baselines: { where: `split in (${splits})` },
  experiments: { where: "key = :experiment", keys: { key: "experiments" } },
  experimentTags: { where: "experiment = :experiment", keys: { experiment: "experiments" } },
  runs: {
    where: "experiment = :experiment and finishedAt is not null",
    keys: { key: "runs", experiment: "experiments" },
  },
  progress: {
    where: `run in (${runs} and finishedAt is not null)`,
    keys: { run: "runs" },
  },
  trials: { where: `key in (${members})`, keys: { key: "trials" } },
  experimentTrials: {
    where: "experiment = :experiment",
    keys: { experiment: "experiments", trial: "trials" },
  },
  scores: byTrial,
  summaries: byTrial,
  predictions: byTrial,
  losses: byTrial,
  curves: byTrial,
  controlTasks: { where: `dataset in (${datasets})` },
  codeBlocks: byTrial,
  attributions: byTrial,
  contexts: byTrial,
} as const satisfies Record<TableName, Belonging>;

type Tables = typeof schema;
type TableName = {
  [K in keyof Tables]: Tables[K] extends SQLiteTable ? K : never;
}[keyof Tables];

const tables: Readonly<Record<string, SQLiteTable>> = Object.fromEntries(
  Object.entries(schema).filter(([, value]) => value instanceof SQLiteTable),
) as Record<string, SQLiteTable>;

/** The tables of a bundle, in order. */
export const bundleTables: readonly BundleTable[] = Object.entries(belonging).map(
  ([key, rows]: [string, Belonging]) => {
    const table = tables[key];
    if (!table) throw new Error(`internal: no table ${key}`);
    return {
      name: getTableConfig(table).name,
      columns: Object.values(getTableColumns(table)).map((column) => ({
        name: column.name,
        kind: kindOf(column.getSQLType()),
        required: column.notNull,
        allowed: column.enumValues ?? null,
      })),
      where: rows.where,
      keys: rows.keys ?? {},
    };
  },
);

function kindOf(type: string): BundleColumn["kind"] {
  if (type === "integer" || type === "real" || type === "blob") return type;
  return "text";
}
