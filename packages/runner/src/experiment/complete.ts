/** @file From a checked file to an experiment: words resolved, options filled in, everything plain. */

import type { CustomClassifier, FoldSpec } from "@probegrid/probes";
import type { z } from "zod";
import type { DatasetSpec } from "../dataset.ts";
import { readDatasetSpec } from "../datasets/spec.ts";
import { ExperimentError } from "../errors.ts";
import { type ClassifierSpec, resolveClassifier } from "./classifiers.ts";
import { type CustomPooler, sourceHash } from "./custom.ts";
import type { PoolerSpec } from "./poolers.ts";
import type { experimentSchema } from "./schema.ts";
import { expandClassifiers, type Statistics } from "./statistics.ts";
import { attendedTokens, type TokenPooling } from "./vocabulary.ts";

type Checked = z.output<typeof experimentSchema>;
/** An experiment as plans and runs see it: plain data, apart from functions a file may define. */
export type Experiment = {
  readonly name: string;
  readonly question: string | null;
  /** The file as the user named it, the folder that relative paths start from, and the --set changes. */
  readonly source: string;
  readonly folder: string;
  readonly set: readonly string[];
  readonly datasets: readonly DatasetSpec[];
  readonly models: readonly string[];
  readonly poolers: readonly PoolerSpec[];
  readonly classifiers: readonly ClassifierSpec[];
  readonly folds: FoldSpec;
  readonly truncation: "end" | "front";
  readonly maxTokens: number | null;
  readonly precision: "float32" | "float16";
  readonly seed: number;
  readonly statistics: Statistics;
  /** Functions of the file's own poolers and classifiers, by their place in its lists. */
  readonly custom: CustomParts;
};

/** What only a TypeScript file can bring. */
export type CustomParts = {
  readonly poolers: ReadonlyMap<number, CustomPooler>;
  readonly classifiers: ReadonlyMap<number, CustomClassifier>;
};

type Source = Pick<Experiment, "source" | "folder" | "set">;

/** Fills in what the file leaves out. */
export function completeExperiment(checked: Checked, source: Source): Experiment {
  const { name, question, models, truncation, maxTokens, precision, seed, statistics } = checked;
  const customPoolers = new Map<number, CustomPooler>();
  const poolers = checked.poolers.map((pooler, index): PoolerSpec => {
    if (!("pool" in pooler))
      return {
        ...pooler,
        layerMethod: pooler.layerMethod ?? null,
        token: resolveToken(pooler.token),
      };
    if (typeof pooler.name !== "string" || pooler.name === "") {
      throw new ExperimentError("expected a name next to pool", { path: `poolers[${index}].name` });
    }
    customPoolers.set(index, pooler);
    const token = { kind: "custom", name: pooler.name, hash: sourceHash(pooler), index } as const;
    return { layer: pooler.layer ?? "each", layerMethod: null, token };
  });
  const customClassifiers = new Map<number, CustomClassifier>();
  const classifiers = checked.classifiers.map((classifier, index) => {
    const resolved = resolveClassifier(classifier, index);
    if (resolved.custom !== null) customClassifiers.set(index, classifier as CustomClassifier);
    return resolved;
  });
  return {
    ...source,
    name,
    question: question ?? null,
    datasets: checked.datasets.map(checkDataset),
    models,
    poolers,
    classifiers: expandClassifiers(classifiers, checked),
    folds: { seed, ...dropUndefined(checked.folds) } as FoldSpec,
    truncation,
    maxTokens,
    precision,
    seed,
    statistics,
    custom: { poolers: customPoolers, classifiers: customClassifiers },
  };
}

/** The fields of a dataset are known to whoever reads it; here they get their place in the file. */
function checkDataset(spec: DatasetSpec, index: number): DatasetSpec {
  try {
    readDatasetSpec(spec);
    return spec;
  } catch (error) {
    if (!(error instanceof ExperimentError)) throw error;
    const place = error.path === "" ? "" : `.${error.path}`;
    const message = error.message.slice(error.path === "" ? 0 : error.path.length + ": ".length);
    throw new ExperimentError(message, { path: `datasets[${index}]${place}` });
  }
}

type TokenInput = Exclude<Checked["poolers"][number], CustomPooler>["token"];

function resolveToken(token: TokenInput): TokenPooling {
  if (token === "first") return { kind: "quantile", quantile: 0 };
  if (token === "last") return { kind: "quantile", quantile: 1 };
  if (token === "attention") return { kind: "attention", count: attendedTokens };
  if (typeof token === "string") return { kind: token };
  if ("quantile" in token) return { kind: "quantile", quantile: token.quantile };
  if ("attention" in token) return { kind: "attention", count: token.attention };
  return "firstMean" in token
    ? { kind: "firstMean", count: token.firstMean }
    : { kind: "lastMean", count: token.lastMean };
}

function dropUndefined<T extends object>(value: T): Partial<T> {
  return Object.fromEntries(
    Object.entries(value).filter(([, field]) => field !== undefined),
  ) as Partial<T>;
}
