/** @file Every knob of a fine-tuning: its name, what it may be, its default, and what it says of itself. */

import {
  type HeadPooling,
  headPoolings,
  type Precision,
  precisions,
  type ScheduleName,
  scheduleNames,
} from "@probegrid/probes";
import { z } from "zod";
import { ExperimentError, unknownName } from "../errors.ts";
import { problemOf } from "../experiment/problems.ts";
import { show } from "../experiment/schema.ts";

/** A value that a knob refuses gets `expected <what>, got <value>`. */
const says = (what: string) => ({
  error: ({ input }: { readonly input?: unknown }): string =>
    `expected ${what}, got ${show(input)}`,
});

const count = (what: string, least: number) => z.int(says(what)).min(least, says(what));
const rate = (what: string) => z.number(says(what)).gt(0, says(what)).max(10, says(what));
const share = (what: string) => z.number(says(what)).min(0, says(what)).lt(1, says(what));
const flag = z.boolean(says("true or false"));
const word = <const Words extends readonly [string, ...string[]]>(what: string, known: Words) =>
  z.enum(known, { error: ({ input }) => unknownName(what, input, known) });

const dropoutRate = share("a dropout from 0 to below 1");

/** One row per knob: schema with default, and a line of help. */
export const knobs = {
  pooling: {
    schema: word("pooling", headPoolings).default("pooler" satisfies HeadPooling),
    help: "Tokens to one vector before the head: pooler (the architecture's own), cls, mean, max",
  },
  layersFrozen: {
    schema: count("a number of layers", 0).default(0),
    help: "First layers (and the embeddings) that stay as they are; all of them: only the head is trained",
  },
  maxEpochs: {
    schema: count("a number of epochs from 1", 1).default(3),
    help: "Most passes over the training rows",
  },
  earlyStopping: {
    schema: flag.default(true),
    help: "Stop when macro F1 (R² of a regression) on the validation rows stops rising, and keep the best weights",
  },
  patience: {
    schema: count("a number of evaluations from 1", 1).default(3),
    help: "Evaluations without a rise before it stops",
  },
  truncation: {
    schema: word("truncation", ["end", "front"]).default("end"),
    help: "Which end of a text that is too long is cut",
  },
  maxTokens: {
    schema: count("a number of tokens from 3", 3).nullable().default(null),
    help: "Longest text in tokens; what the model takes when not given",
  },
  validFrac: {
    schema: share("a share from 0 to below 1").default(0.1),
    help: "Share of the training rows that validate, where no validation file is given; 0: none",
  },
  testFrac: {
    schema: share("a share from 0 to below 1").default(0),
    help: "Share of the rows that are held back for the final scores, where no test file is given",
  },
  learningRate: {
    schema: rate("a learning rate above 0").default(5e-5),
    help: "Peak learning rate",
  },
  headLearningRate: {
    schema: rate("a learning rate above 0").nullable().default(null),
    help: "Learning rate of the head; as the others when not given",
  },
  layerDecay: {
    schema: z.number().gt(0, says("a factor above 0")).max(1, says("a factor up to 1")).default(1),
    help: "Factor on the learning rate for each layer further from the head",
  },
  schedule: {
    schema: word("schedule", scheduleNames).default("linear" satisfies ScheduleName),
    help: "Learning rate after the warm-up: linear, cosine (both to 0), constant",
  },
  warmup: {
    schema: z.number(says("a share or a number of steps")).min(0, says("at least 0")).default(0),
    help: "Steps in which the learning rate rises; below 1, their share of all steps",
  },
  weightDecay: {
    schema: z.number(says("a decay")).min(0, says("at least 0")).default(0.01),
    help: "Decoupled weight decay, not on biases and norms",
  },
  clipNorm: {
    schema: z.number(says("a norm")).gt(0, says("a norm above 0")).nullable().default(1),
    help: "Largest norm of the gradient; null does not clip",
  },
  batchSize: { schema: count("a number of texts from 1", 1).default(16), help: "Texts of a batch" },
  accumulation: {
    schema: count("a number of batches from 1", 1).default(1),
    help: "Batches whose gradients make one update",
  },
  dropout: {
    schema: z
      .union([
        dropoutRate,
        z.strictObject({
          hidden: dropoutRate.optional(),
          attention: dropoutRate.optional(),
          head: dropoutRate.optional(),
        }),
      ])
      .nullable()
      .default(null),
    help: "Dropout of the head, or {hidden, attention, head}; the checkpoint's own when not given",
  },
  classificatorSize: {
    schema: count("a number of neurons", 0).default(0),
    help: "Neurons of a hidden layer in the head; 0: none",
  },
  weightedSampling: {
    schema: flag.default(false),
    help: "Draw texts with replacement so that every class is equally likely",
  },
  classWeights: {
    schema: z
      .union([z.literal("balanced"), z.array(z.number().positive(says("a weight above 0")))])
      .nullable()
      .default(null),
    help: 'Weights of the classes in the loss, in class order, or "balanced"',
  },
  labelSmoothing: {
    schema: share("a share from 0 to below 1").default(0),
    help: "Share of a target that is spread over all classes",
  },
  evaluateEvery: {
    schema: count("a number of updates from 1", 1).nullable().default(null),
    help: "Updates between evaluations; at the end of each epoch when not given",
  },
  numWorkers: {
    schema: count("a number of threads", 0).default(0),
    help: "Threads that tokenize; 0: this one",
  },
  precision: {
    schema: word("precision", precisions).default("float32" satisfies Precision),
    help: "Numbers of matrix products: float32, or float16 on a GPU that has it (weights and updates stay float32)",
  },
  seed: {
    schema: count("a seed from 0", 0).default(0),
    help: "Decides rows, head, order and dropout",
  },
} as const;

export type KnobName = keyof typeof knobs;

const schemas = Object.fromEntries(
  Object.entries(knobs).map(([name, { schema }]) => [name, schema]),
) as { [Name in KnobName]: (typeof knobs)[Name]["schema"] };

const settingsSchema = z.strictObject(schemas, {
  error: (issue) =>
    issue.code === "unrecognized_keys"
      ? unknownName("field of a fine-tuning", issue.keys?.[0], Object.keys(knobs))
      : undefined,
});

/** One point of a grid of fine-tunings, defaults filled in. */
export type FinetuneSettings = z.output<typeof settingsSchema>;

/** Names that other systems have for our knobs; snake_case is understood for all of them. */
const aliases: Readonly<Record<string, KnobName>> = {
  epochs: "maxEpochs",
  numTrainEpochs: "maxEpochs",
  validFraction: "validFrac",
  hiddenSize: "classificatorSize",
  perDeviceTrainBatchSize: "batchSize",
  gradientAccumulation: "accumulation",
  gradientAccumulationSteps: "accumulation",
  maxGradNorm: "clipNorm",
  lr: "learningRate",
  lrSchedulerType: "schedule",
  warmupRatio: "warmup",
  warmupSteps: "warmup",
  maxLength: "maxTokens",
  labelSmoothingFactor: "labelSmoothing",
};

/** Our name of a knob that may be written `layers_frozen`, `layers-frozen` or as others call it. */
export function knobName(written: string): string {
  const camel = written.replace(/[_-]+([a-z])/g, (_, letter: string) => letter.toUpperCase());
  return Object.hasOwn(aliases, camel) ? aliases[camel]! : camel;
}

/** The option of the command line for a knob or field: `--layers-frozen`. */
export const optionName = (name: string): string =>
  `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

/** Renames aliases; a knob given twice is refused. */
export function withOurNames(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const renamed: Record<string, unknown> = {};
  for (const [written, value] of Object.entries(values)) {
    const name = knobName(written);
    if (Object.hasOwn(renamed, name)) {
      throw new ExperimentError(`${name} is given twice, the second time as "${written}"`);
    }
    renamed[name] = value;
  }
  return renamed;
}

/** Checks settings and fills in defaults; errors name the knob. */
export function readSettings(values: Readonly<Record<string, unknown>>): FinetuneSettings {
  const checked = settingsSchema.safeParse(withOurNames(values));
  if (!checked.success) throw problemOf(checked.error);
  return checked.data;
}
