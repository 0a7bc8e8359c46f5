/** @file What an experiment file may say: every field, its default, and its error. */

import type { CustomClassifier } from "@probegrid/probes";
import { z } from "zod";
import type { DatasetSpec } from "../dataset.ts";
import { unknownName } from "../errors.ts";
import { type CustomPooler, isCustomClassifier } from "./custom.ts";
import { defaultStatistics } from "./statistics.ts";
import { layerMethods, layerWords, tokenWords } from "./vocabulary.ts";

/** A strict object whose error for an unknown field names the nearest known one. */
export function fields<Shape extends z.core.$ZodLooseShape>(what: string, shape: Shape) {
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === "unrecognized_keys"
        ? unknownName(`field of ${what}`, issue.keys?.[0], Object.keys(shape))
        : issue.code === "invalid_type"
          ? `expected ${what}, an object, got ${show(issue.input)}`
          : undefined,
  });
}

function words<const Words extends readonly [string, ...string[]]>(
  what: string,
  known: Words,
  expected = `${what}, one of`,
) {
  return z.enum(known, {
    error: ({ input }) =>
      typeof input === "string"
        ? unknownName(what, input, known)
        : `expected ${expected} ${known.join(", ")}, got ${show(input)}`,
  });
}

const count = (what: string, least = 1) =>
  z
    .int({ error: ({ input }) => `expected ${what}, a whole number, got ${show(input)}` })
    .min(least, { error: ({ input }) => `expected at least ${least}, got ${show(input)}` });

const share = (least: number, most: number) =>
  z
    .number({ error: ({ input }) => `expected a number, got ${show(input)}` })
    .min(least, { error: ({ input }) => `expected ${least} to ${most}, got ${show(input)}` })
    .max(most, { error: ({ input }) => `expected ${least} to ${most}, got ${show(input)}` });

const name = (what: string) =>
  z
    .string({ error: ({ input }) => `expected ${what}, got ${show(input)}` })
    .min(1, { error: `expected ${what}, got an empty text` });

const layer = z.union([
  z.int({ error: ({ input }) => `expected a layer index, a whole number, got ${show(input)}` }),
  words("layer", layerWords, "a layer index, a list of them, or one of"),
  z
    .array(z.int({ error: ({ input }) => `expected a layer index, got ${show(input)}` }))
    .min(1, { error: "expected at least one layer, got an empty list" }),
]);

const token = z.union([
  words("token pooling", tokenWords, "a quantile, a mean of tokens, or one of"),
  fields("a quantile", { quantile: share(0, 1) }),
  fields("a mean of the first tokens", { firstMean: count("a number of tokens") }),
  fields("a mean of the last tokens", { lastMean: count("a number of tokens") }),
  fields("attention over the first tokens", { attention: count("a number of tokens") }),
]);

const pooler = fields("a pooler", {
  /**
   * Index into hidden_states (0 is the embedding block, negative counts from the end), a list of them,
   * "last", "second-to-last", "all" (every one but the first and the last), "every", or "each": one trial
   * per hidden state. Default "each".
   */
  layer: layer.default("each"),
  /**
   * How several layers become one: mean, max, min, concat, or rows (each layer a training row, the last one tested).
   * Needed for a list, "all" and "every".
   */
  layerMethod: words("layer method", layerMethods).optional(),
  /**
   * How the tokens become one vector: cls, mean, max, min, first, last, {quantile: q} (position
   * q x (tokens - 1), rounded half to even), {firstMean: k}, {lastMean: k}, attention or {attention: k}: a learned query
   * over the first k tokens (64), trained with the classifier. Default "mean".
   */
  token: token.default("mean"),
});

const customPooler = z.custom<CustomPooler>(
  (value) => typeof (value as { pool?: unknown } | null)?.pool === "function",
);

const classifier = z.union([
  name("the name of a classifier"),
  z.looseObject({ name: name("the name of a classifier") }),
]);

const customClassifier = z.custom<CustomClassifier>(isCustomClassifier);

const seed = count("a seed", 0);

const folds = z.discriminatedUnion(
  "kind",
  [
    fields("stratified folds", {
      kind: z.literal("stratified"),
      /** Number of folds, default 10. */
      k: count("a number of folds", 2).default(10),
      /** Default: the experiment's seed. */
      seed: seed.optional(),
      /** Share of each fold's training rows set aside for validation, default 0. */
      validation: share(0, 0.9).default(0),
      /** How often to divide anew: repeated k-fold. Default 1. */
      repeats: count("a number of repeats").optional(),
    }),
    fields("grouped folds", {
      kind: z.literal("grouped"),
      /** Number of folds, default 10. */
      k: count("a number of folds", 2).default(10),
      /** Default: the experiment's seed. */
      seed: seed.optional(),
      /** Share of each fold's training rows set aside for validation, default 0. */
      validation: share(0, 0.9).default(0),
      /** How often to divide anew: repeated k-fold. Default 1. */
      repeats: count("a number of repeats").optional(),
    }),
    fields("resampled folds", {
      kind: z.literal("resampled"),
      /** Number of random divisions, default 10. */
      n: count("a number of divisions").default(10),
      /** Default: the experiment's seed. */
      seed: seed.optional(),
      /** Share of the rows that test, default 0.2. */
      test: share(0.01, 0.98).default(0.2),
      /** Share of the rows that validate, default 0.1. */
      validation: share(0, 0.98).default(0.1),
    }),
    fields("fixed folds", { kind: z.literal("fixed") }),
  ],
  {
    error: ({ input }) =>
      unknownName("kind of folds", (input as { kind?: unknown } | undefined)?.kind, [
        "stratified",
        "grouped",
        "resampled",
        "fixed",
      ]),
  },
);

const flag = z.boolean({
  error: ({ input }) => `expected true or false, got ${show(input)}`,
});

const statistics = fields("statistics", {
  /** Resamples of the intervals over items; 0 for none. Default 1000. */
  bootstrap: count("a number of resamples", 0).default(defaultStatistics.bootstrap),
  /** Times each trial's labels are permuted and probed again, for p = (1 + as good) / (1 + permutations). Default 0. */
  permutations: count("a number of permutations", 0).default(defaultStatistics.permutations),
  /** Probe the control task too, for selectivity. Default false. */
  control: flag.default(defaultStatistics.control),
  /** Measure the online description length: true, or over how many random orders of the rows. Default false. */
  descriptionLength: z
    .union([flag, count("a number of orders", 0)])
    .transform(Number)
    .default(defaultStatistics.descriptionLength),
  /** Probe word counts too, a baseline of each dataset. Default false. */
  bagOfWords: flag.default(defaultStatistics.bagOfWords),
  /**
   * Stop trials that can no longer win: those that after the first folds are worse than the best trial of their dataset so far,
   * with a one-sided p (corrected resampled t) below this. Default 0: none is stopped.
   */
  stop: share(0, 0.5).default(defaultStatistics.stop),
  /** Folds after which a trial is first looked at; then after twice as many, up to half of them. Default 3. */
  stopAfter: count("a number of folds", 2).default(defaultStatistics.stopAfter),
});

const list = <Item extends z.ZodType>(item: Item, what: string) =>
  z
    .array(item, { error: ({ input }) => `expected a list of ${what}, got ${show(input)}` })
    .min(1, { error: `expected at least one entry, got none` });

/** The whole file. Datasets and the options of classifiers are checked by whoever owns them. */
export const experimentSchema = fields("an experiment", {
  /** Names the experiment in tables and in the store. */
  name: name("the name of the experiment"),
  /** The question this grid answers, in one sentence; shown next to its results. */
  question: z.string({ error: ({ input }) => `expected a text, got ${show(input)}` }).optional(),
  /** Files, or objects with a path and how to read it. Looked up beside this file, then in the current folder. */
  datasets: list(z.custom<DatasetSpec>(), "datasets"),
  /** Checkpoint folders. Looked up beside this file, then in the current folder. */
  models: list(name("a checkpoint folder"), "models"),
  /** From hidden states to one vector per text; every entry is crossed with every classifier. */
  poolers: list(z.union([customPooler, pooler]), "poolers"),
  /** Names, objects with a name and options, or (in a TypeScript file) classifiers of your own. */
  classifiers: list(z.union([customClassifier, classifier]), "classifiers"),
  /** How rows are divided; default 10 stratified folds. */
  folds: folds.default({ kind: "stratified", k: 10, validation: 0 }),
  /** Which end of a text that is too long loses its tokens; default "end". */
  truncation: words("truncation", ["end", "front"]).default("end"),
  /** Longest text in tokens, special ones included; default (null): what the model can take. */
  maxTokens: count("a number of tokens", 3).nullable().default(null),
  /** Of the stored features; float16 halves the disk they take. Default "float32". */
  precision: words("precision", ["float32", "float16"]).default("float32"),
  /** Seed of the folds and of classifiers trained by gradient; default 0. */
  seed: seed.default(0),
  /** Several seeds: every trial once for each, on the same folds. Default: only the one above. */
  seeds: z
    .array(seed, { error: ({ input }) => `expected a list of seeds, got ${show(input)}` })
    .default([]),
  /** Learning curves: every trial once for each number of training rows per fold. Default: all rows only. */
  trainSizes: z
    .array(count("a number of training rows", 2), {
      error: ({ input }) => `expected a list of numbers of rows, got ${show(input)}`,
    })
    .default([]),
  /** What is computed for every trial beside its scores. */
  statistics: statistics.prefault({}),
});

/** A value as an error shows it: short, and in JSON where that exists. */
export function show(value: unknown): string {
  if (value === undefined) return "nothing";
  if (typeof value === "function") return "a function";
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}
