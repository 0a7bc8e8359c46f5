/** @file What an experiment file of kind "attribute" may say: datasets x fine-tuned models x methods. */

import { type MethodSpec, perturbations } from "@probegrid/probes";
import { z } from "zod";
import type { DatasetSpec } from "../dataset.ts";
import { readDatasetSpec } from "../datasets/spec.ts";
import { ExperimentError, messageOf, unknownName } from "../errors.ts";
import { problemOf } from "../experiment/problems.ts";
import { readSettings } from "../finetune/settings.ts";
import { readMethod, toldApart } from "./methods.ts";
import { readTarget, type Wanted } from "./target.ts";
import type { TunedModel } from "./tuned-models.ts";

const oneOrMore = <Item extends z.ZodType>(item: Item) =>
  z.union([
    item.transform((one) => [one]),
    z.array(item).min(1, "expected at least one, got none"),
  ]);

const frame = {
  kind: z.literal("attribute"),
  /** Names the experiment in tables, in the store and in the folder of its report. */
  name: z.string().min(1),
  /** The question it answers, in one sentence. */
  question: z.string().optional(),
  /** Files, or objects with a path and how to read it, as for probing; one, or a list. */
  datasets: oneOrMore(z.union([z.string().min(1), z.looseObject({})])),
  /**
   * Fine-tuned checkpoints; one, or a list. An object { base, ...knobs of a fine-tuning } has the base
   * fine-tuned on each dataset first, and explains rows that were held back.
   */
  models: oneOrMore(z.union([z.string().min(1), z.looseObject({ base: z.string().min(1) })])),
  /** Names, or objects with a name and options. Random scores are always among them. */
  methods: oneOrMore(z.union([z.string().min(1), z.looseObject({ name: z.string() })])),
  /** What is explained: predicted (default), true, a label, unit:LAYER:UNIT, norm:LAYER. */
  target: z.string().default("predicted"),
  /** How tokens are taken out when faithfulness is measured; rankings depend on it. Default pad. */
  perturbation: z.enum(perturbations).default("pad"),
  /** Whether faithfulness is measured at all; false: scores alone, much sooner. */
  measures: z.boolean().default(true),
  /** Random sets of tokens per text for infidelity; 0: not measured. */
  infidelityDraws: z.int().min(0).default(20),
  /** Texts for max-sensitivity and the randomisation check, which explain each many times; 0: none. */
  checkedTexts: z.int().min(0).default(20),
  /** Words with fewer occurrences are in no table (Wu and Ong: more than 5). */
  minCount: z.int().min(1).default(6),
  /** Shorter texts (in tokens, specials included) are in no table and no deletion curve. */
  minTokens: z.int().min(1).default(10),
  /** Strongest words for and against each class, per method, whose contexts are recorded: what they attend to. */
  keywords: z.int().min(0).default(5),
  /** Layer whose attention makes the contexts, from 0; negative numbers count from the highest. */
  attentionLayer: z.int().default(0),
  /** File of SST trees, a line each, whose words have sentiments: adds a table of plausibility. */
  trees: z.string().optional(),
  truncation: z.enum(["end", "front"]).default("end"),
  maxTokens: z.int().min(3).nullable().default(null),
  seed: z.int().min(0).default(0),
  /** Folder of tables, charts and JSON; default logs/attributions/<name>. */
  report: z.string().optional(),
} as const;

const schema = z.strictObject(frame);

/** What may be written in an experiment file of kind "attribute". */
export type AttributeInput = z.input<typeof schema>;

/** A grid of attributions as plans and runs see it. */
export type AttributeExperiment = Omit<
  z.output<typeof schema>,
  "question" | "datasets" | "models" | "methods" | "target" | "report"
> & {
  readonly question: string | null;
  /** The file; null where it is made by a command. */
  readonly source: string | null;
  readonly folder: string;
  readonly datasets: readonly DatasetSpec[];
  readonly models: readonly (string | TunedModel)[];
  readonly methods: readonly MethodSpec[];
  readonly target: string;
  readonly wanted: Wanted;
  readonly report: string;
};

/** Whether a file describes attributions. */
export const isAttribute = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && (value as { kind?: unknown }).kind === "attribute";

/** Checks a file and fills in its defaults. */
export function completeAttribute(
  value: Readonly<Record<string, unknown>>,
  source: Pick<AttributeExperiment, "source" | "folder">,
): AttributeExperiment {
  const unknown = Object.keys(value).find((name) => !Object.hasOwn(frame, name));
  if (unknown !== undefined) {
    throw new ExperimentError(unknownName("field of an attribution", unknown, Object.keys(frame)));
  }
  const checked = schema.safeParse(value);
  if (!checked.success) throw problemOf(checked.error);
  const { name, report, question, target } = checked.data;
  const wanted = readTarget(target);
  if (wanted.kind === "all" || wanted.kind === "token") {
    throw new ExperimentError(
      `expected predicted, true, a label, unit:LAYER:UNIT or norm:LAYER, got ${JSON.stringify(target)}`,
      { path: "target" },
    );
  }
  const methods = checked.data.methods.map((method, i) => readMethod(method, `methods[${i}]`));
  const random = readMethod({ name: "random", seed: checked.data.seed });
  const all = methods.some((method) => method.name === "random") ? methods : [...methods, random];
  return {
    ...checked.data,
    ...source,
    wanted,
    methods: toldApart(all, "methods"),
    question: question ?? null,
    models: checked.data.models.map((model, i) => checkModel(model, i)),
    datasets: checked.data.datasets.map((spec, i) => checkDataset(spec as DatasetSpec, i)),
    report: report ?? `logs/attributions/${name.replace(/[^\w.-]+/g, "-")}`,
  };
}

function checkModel(
  model: string | Readonly<Record<string, unknown>>,
  index: number,
): string | TunedModel {
  if (typeof model === "string") return model;
  const { base, ...knobs } = model;
  try {
    return { base: String(base), settings: readSettings(knobs) };
  } catch (cause) {
    throw new ExperimentError(messageOf(cause), { path: `models[${index}]`, cause });
  }
}

function checkDataset(spec: DatasetSpec, index: number): DatasetSpec {
  try {
    readDatasetSpec(spec);
    return spec;
  } catch (cause) {
    throw new ExperimentError(messageOf(cause), { path: `datasets[${index}]`, cause });
  }
}
