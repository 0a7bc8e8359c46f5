/** @file From an entry of `classifiers` to a classifier with all of its options. */

import {
  type Classifier,
  type CustomClassifier,
  classifiers,
  customClassifier,
} from "@probegrid/probes";
import { z } from "zod";
import { canonicalJson } from "../canonical.ts";
import { ExperimentError, unknownName } from "../errors.ts";
import { isCustomClassifier, sourceHash } from "./custom.ts";
import { problemOf } from "./problems.ts";
import { show } from "./schema.ts";

/** A classifier of the grid: plain data. */
export type ClassifierSpec = {
  readonly name: string;
  /** Every option, defaults included. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Options that are not defaults, as shown: "c=0.1". */
  readonly shown: string;
  /** The tasks it can be fitted to. */
  readonly tasks: readonly ("classification" | "regression")[];
  /** Which poolings it can read; see `Classifier`. */
  readonly needs: "layers" | "tokens" | null;
  readonly attends: boolean;
  /** Canonical JSON of what determines its scores. */
  readonly key: string;
  /** Of learning curves: how many training rows each fold keeps. Part of the key. */
  readonly trainRows?: number;
  /** Where an experiment has several seeds: this one's. */
  readonly seed?: number;
  /** One of the file's own: where it is, and a hash of its source. */
  readonly custom: { readonly index: number; readonly hash: string } | null;
};

const table: Readonly<Record<string, Classifier>> = classifiers;

/** Checks one entry against the classifier it names. */
export function resolveClassifier(entry: unknown, index: number): ClassifierSpec {
  if (isCustomClassifier(entry)) return resolveCustom(entry, index);
  const { name, ...given } =
    typeof entry === "string" ? { name: entry } : (entry as { name: string });
  const classifier = Object.hasOwn(table, name) ? table[name] : undefined;
  if (!classifier) {
    throw new ExperimentError(unknownName("classifier", name, Object.keys(table)), {
      path: `classifiers[${index}]${typeof entry === "string" ? "" : ".name"}`,
    });
  }
  const checked = classifier.options.safeParse(given);
  if (!checked.success) throw optionProblem(checked.error, { name, index, classifier });
  const options = checked.data as Record<string, unknown>;
  return {
    name,
    options,
    shown: shownOptions(options, classifier),
    tasks: classifier.tasks,
    needs: classifier.needs ?? null,
    attends: classifier.attends ?? false,
    key: canonicalJson({ name, options, version: classifier.version }),
    custom: null,
  };
}

type Place = { readonly name: string; readonly index: number; readonly classifier: Classifier };

function optionProblem(
  error: Parameters<typeof problemOf>[0],
  { name, index, classifier }: Place,
): ExperimentError {
  const issue = error.issues[0];
  if (issue?.code !== "unrecognized_keys") return problemOf(error, ["classifiers", index]);
  const known = optionNames(classifier);
  const message =
    known.length === 0
      ? `classifier "${name}" has no options, got ${show(issue.keys[0])}`
      : unknownName(`option of classifier "${name}"`, issue.keys[0], known);
  return new ExperimentError(message, { path: `classifiers[${index}]` });
}

/** Every option has a default, so the defaults name them all. */
function optionNames({ options }: Classifier): readonly string[] {
  return Object.keys((options.safeParse({}).data ?? {}) as object);
}

function shownOptions(
  options: Readonly<Record<string, unknown>>,
  { options: schema }: Classifier,
): string {
  const defaults = (schema.safeParse({}).data ?? {}) as Record<string, unknown>;
  return Object.entries(options)
    .filter(([key, value]) => canonicalJson(value) !== canonicalJson(defaults[key]))
    .map(([key, value]) => `${key}=${typeof value === "object" ? JSON.stringify(value) : value}`)
    .join(" ");
}

function resolveCustom(entry: CustomClassifier, index: number): ClassifierSpec {
  const { name } = entry;
  if (Object.hasOwn(table, name)) {
    throw new ExperimentError(`expected a name that is not one of Probegrid's, got ${show(name)}`, {
      path: `classifiers[${index}].name`,
    });
  }
  const { tasks, version, attends = false } = makeCustom(entry, index);
  const hash = sourceHash(entry);
  const key = canonicalJson({ name, source: hash, version });
  return {
    name,
    options: {},
    shown: "",
    tasks,
    needs: null,
    attends,
    key,
    custom: { index, hash },
  };
}

function makeCustom(entry: CustomClassifier, index: number): Classifier {
  try {
    return customClassifier(entry);
  } catch (error) {
    if (error instanceof z.ZodError) throw problemOf(error, ["classifiers", index]);
    throw error;
  }
}
