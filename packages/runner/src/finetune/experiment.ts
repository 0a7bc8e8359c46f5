/** @file What an experiment file of kind "finetune" may say, and the trainings it stands for. */

import { z } from "zod";
import type { DatasetSpec } from "../dataset.ts";
import { readDatasetSpec } from "../datasets/spec.ts";
import { ExperimentError, messageOf, unknownName } from "../errors.ts";
import { problemOf } from "../experiment/problems.ts";
import { show } from "../experiment/schema.ts";
import { type Pruning, pruningSchema } from "./pruning.ts";
import { gridPoints, type RandomSearch, randomPoints } from "./search.ts";
import { type FinetuneSettings, type KnobName, knobs, withOurNames } from "./settings.ts";

/** A grid of trainings as plans and runs see it. */
export type FinetuneExperiment = {
  readonly kind: "finetune";
  readonly name: string;
  readonly question: string | null;
  /** The file as the user named it, and the folder that relative paths start from. */
  readonly source: string;
  readonly folder: string;
  readonly datasets: readonly DatasetSpec[];
  readonly models: readonly string[];
  /** Each is trained on every dataset from every model. */
  readonly points: readonly FinetuneSettings[];
  readonly pruning: Pruning | null;
  /** Folder of the checkpoints; null: data/checkpoints/<name>. */
  readonly checkpoints: string | null;
  readonly keep: "all" | "best";
};

const text = (what: string) =>
  z.string({ error: ({ input }) => `expected ${what}, got ${show(input)}` }).min(1);
const oneOrMore = <Item extends z.ZodType>(item: Item) =>
  z.union([
    item.transform((one) => [one]),
    z.array(item).min(1, "expected at least one, got none"),
  ]);

const frame = {
  kind: z.literal("finetune"),
  /** Names the experiment in tables, in the store and in the folder of its checkpoints. */
  name: text("the name of the experiment"),
  /** The question it answers, in one sentence. */
  question: text("a question").optional(),
  /** Files, or objects with a path and how to read it, as for probing; one, or a list. */
  datasets: oneOrMore(z.union([text("a dataset"), z.looseObject({})])),
  /** Checkpoint folders; one, or a list. */
  models: oneOrMore(text("a checkpoint folder")),
  /** Draw so many points at random instead of training every combination. */
  search: z.strictObject({ trials: z.int().min(1), seed: z.int().min(0).default(0) }).optional(),
  /** End trainings that are behind: { kind: "median" } or { kind: "halving" }; off by default. */
  pruning: pruningSchema.optional(),
  /** Folder of the checkpoints, default data/checkpoints/<name>. */
  checkpoints: text("a folder").optional(),
  /** Which checkpoints stay: all of them, or per dataset the best one. */
  keep: z.enum(["all", "best"]).default("all"),
} as const;

const frameSchema = z.object(frame);

/** A knob in an experiment file: a value, a list of values, or (in a random search) a distribution. */
type Choices<Value> =
  | Value
  | readonly Value[]
  | { readonly choice: readonly Value[] }
  | { readonly uniform: readonly [number, number] }
  | { readonly logUniform: readonly [number, number] }
  | { readonly integer: readonly [number, number] };

/** What may be written in an experiment file of kind "finetune". */
export type FinetuneInput = z.input<typeof frameSchema> & {
  readonly [Name in KnobName]?: Choices<z.input<(typeof knobs)[Name]["schema"]>>;
};

/** Whether a file describes fine-tunings. */
export const isFinetune = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && (value as { kind?: unknown }).kind === "finetune";

/** Checks a file and enumerates its points; aliases of knobs are understood. */
export function completeFinetune(
  value: Readonly<Record<string, unknown>>,
  source: Pick<FinetuneExperiment, "source" | "folder">,
): FinetuneExperiment {
  const { baseModel, dataset, ...named } = withOurNames(value);
  const fields: Record<string, unknown> = {
    ...named,
    ...(baseModel !== undefined && named.models === undefined && { models: baseModel }),
    ...(dataset !== undefined && named.datasets === undefined && { datasets: dataset }),
  };
  const known = [...Object.keys(frame), ...Object.keys(knobs)];
  const unknown = Object.keys(fields).find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new ExperimentError(unknownName("field of a fine-tuning", unknown, known));
  }
  const pick = (names: readonly string[]) =>
    Object.fromEntries(Object.entries(fields).filter(([name]) => names.includes(name)));
  const checked = frameSchema.safeParse(pick(Object.keys(frame)));
  if (!checked.success) throw problemOf(checked.error);
  const { search, pruning, checkpoints, question, datasets, ...rest } = checked.data;
  const values = pick(Object.keys(knobs));
  const points = search ? randomPoints(values, search as RandomSearch) : gridPoints(values);
  return {
    ...rest,
    ...source,
    points,
    datasets: datasets.map((spec, index) => checkDataset(spec as DatasetSpec, index)),
    question: question ?? null,
    pruning: pruning ?? null,
    checkpoints: checkpoints ?? null,
  };
}

function checkDataset(spec: DatasetSpec, index: number): DatasetSpec {
  try {
    readDatasetSpec(spec);
    return spec;
  } catch (cause) {
    throw new ExperimentError(messageOf(cause), { path: `datasets[${index}]`, cause });
  }
}
