/** @file The scores and losses of a published result, fold by fold. */

import { listNames } from "../errors.ts";
import { show } from "../experiment/schema.ts";
import type { LossRecord, ScoreRecord } from "../store/index.ts";

export type Scored = {
  readonly scores: readonly ScoreRecord[];
  /** Per batch: `epoch` is the number of the batch. */
  readonly losses: readonly LossRecord[];
  /** What could not be kept: "NaN: f1 of fold 3". */
  readonly flags: readonly string[];
};

type Data = Readonly<Record<string, unknown>>;
type Part = LossRecord["part"];

/** Names of the first form's metrics, by how many there are of them. */
const triple = ["mse", "accuracy", "f1"] as const;

/** Names of the second form's metrics; any other keeps its own. */
const metricNames: Readonly<Record<string, string>> = {
  Accuracy: "accuracy",
  F1: "f1",
  MSE: "mse",
  R2: "r2",
};

const lossKeys = { "train loss": "train", "validation loss": "validation", "test loss": "test" };
const parts = Object.values(lossKeys) as readonly Part[];

export function scoresOf(data: Data, form: "first" | "second"): Scored {
  const byMetric = form === "first" ? firstForm(data.metrics) : secondForm(data);
  const folds = byMetric[0]?.[1].length ?? 0;
  if (folds === 0) throw new Error("data: expected at least one fold, got none");
  const flags: string[] = [];
  const scores = byMetric.flatMap(([metric, values]) => {
    if (values.length !== folds) {
      const got = `${listNames([byMetric[0]?.[0] ?? ""])} has ${folds}, ${listNames([metric])} ${values.length}`;
      throw new Error(`data: expected every metric to have a value for each fold, ${got}`);
    }
    return values.flatMap((value, fold) => {
      if (Number.isFinite(value)) return { metric, fold, value };
      flags.push(`${value}: ${metric} of fold ${fold}`);
      return [];
    });
  });
  if (scores.length === 0) throw new Error("data: expected scores, all of them are NaN");
  return { scores, losses: lossesOf(data, { form, folds, flags }), flags };
}

const mostMetrics = 1000;

type ByMetric = readonly (readonly [string, readonly number[]])[];

/** A list per fold: [mse, accuracy, f1] of a classification, [mse] of a regression. */
function firstForm(metrics: unknown): ByMetric {
  const rows = listOf(metrics, "data.metrics").map((row, fold) =>
    Array.isArray(row) ? numbersOf(row, `data.metrics[${fold}]`) : numbersOf([row], "data.metrics"),
  );
  const width = rows[0]?.length ?? 0;
  const wrong = rows.findIndex((row) => row.length !== width);
  if (wrong >= 0 || width > triple.length || width === 2) {
    const got = rows[Math.max(0, wrong)]?.length;
    throw new Error(`data.metrics[${Math.max(0, wrong)}]: expected 1 or 3 metrics, got ${got}`);
  }
  return triple.slice(0, width).map((name, i) => [name, rows.map((row) => row[i] ?? Number.NaN)]);
}

/** A list per metric, by name. */
function secondForm(data: Data): ByMetric {
  const names = Object.keys(data).filter((key) => !(key in lossKeys) && key !== "losses");
  if (names.length === 0) {
    throw new Error(`data: expected metrics, got ${listNames(Object.keys(data)) || "no field"}`);
  }
  if (names.length > mostMetrics) {
    throw new Error(`data: expected at most ${mostMetrics} metrics, got ${names.length}`);
  }
  return names.map((name) => [
    Object.hasOwn(metricNames, name) ? (metricNames[name] ?? name) : name,
    numbersOf(data[name], `data.${listNames([name])}`),
  ]);
}

type Context = {
  readonly form: "first" | "second";
  readonly folds: number;
  readonly flags: string[];
};

/** Of the last fold, or of each where the file keeps them apart; [0] thrice stands for a classifier without losses. */
function lossesOf(data: Data, { form, folds, flags }: Context): readonly LossRecord[] {
  const lists =
    form === "first" && data.losses !== undefined
      ? listOf(data.losses, "data.losses")
      : Object.keys(lossKeys).map((key) => data[key] ?? []);
  const byPart = lists.slice(0, parts.length).map((list, i) => ({
    part: parts[i] as Part,
    perFold: perFoldOf(list, `loss of ${parts[i]}`, folds),
  }));
  const none = byPart.every(({ perFold }) => perFold.every(({ values }) => `${values}` === "0"));
  if (none) return [];
  return byPart.flatMap(({ part, perFold }) =>
    perFold.flatMap(({ fold, values }) =>
      values.flatMap((value, epoch) => {
        if (Number.isFinite(value)) return { part, fold, epoch, value };
        flags.push(`${value}: ${part} loss of batch ${epoch}`);
        return [];
      }),
    ),
  );
}

function perFoldOf(
  list: unknown,
  where: string,
  folds: number,
): readonly { readonly fold: number; readonly values: readonly number[] }[] {
  const values = listOf(list, where);
  if (values.some(Array.isArray)) {
    return values.map((own, fold) => ({ fold, values: numbersOf(own, where) }));
  }
  return [{ fold: folds - 1, values: numbersOf(values, where) }];
}

/** Numbers that JSON has no word for, as they were kept. */
const notFinite: ReadonlyMap<unknown, number> = new Map([
  ["NaN", Number.NaN],
  ["Infinity", Number.POSITIVE_INFINITY],
  ["-Infinity", Number.NEGATIVE_INFINITY],
]);

function numbersOf(value: unknown, where: string): readonly number[] {
  return listOf(value, where).map((item) => {
    const number = notFinite.get(item) ?? item;
    if (typeof number === "number") return number;
    throw new Error(`${where}: expected numbers, got ${show(item)}`);
  });
}

function listOf(value: unknown, where: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new Error(`${where}: expected a list, got ${show(value)}`);
}
