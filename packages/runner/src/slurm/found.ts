/** @file What a task may find out: the scores of a probe, a training, explained rows, or that a checkpoint is there. */

import { z } from "zod";
import type { FinetuneResult } from "../finetune/train-checkpoint.ts";
import type { TrialResult } from "../jobs/probe.ts";
import type { AttributionRecord } from "../store/index.ts";

/** What one piece of work came to. Which rows trained follows from the data, so it is not in the file. */
export type Found =
  | { readonly result: Omit<TrialResult, "id"> }
  | { readonly training: Omit<FinetuneResult, "division"> }
  /** Of each method, in the order of the methods; in each one per row. */
  | { readonly records: readonly (readonly AttributionRecord[])[] }
  | { readonly checkpoint: true }
  /** With the task that failed, such as 12_0, where Slurm started it. */
  | { readonly error: string; readonly task?: string | undefined };

/** The store says what a value must be: here it only has to be one. */
const value = z.custom<number>((given) => typeof given === "number");
const floats = z.instanceof(Float32Array);
const integers = z.instanceof(Int32Array);

const probed = z.looseObject({
  scores: z.array(z.object({ metric: z.string(), fold: z.int(), value })),
  predictions: z.array(
    z.object({
      fold: z.int(),
      predicted: z.union([integers, floats]),
      scores: floats.nullable(),
    }),
  ),
  losses: z.array(
    z.object({
      fold: z.int(),
      part: z.enum(["train", "validation", "test"]),
      epoch: z.int(),
      value,
    }),
  ),
  flags: z.array(z.string()),
  seconds: value,
  items: z.array(z.looseObject({ metric: z.string() })),
  codeBlocks: z.array(z.looseObject({ shuffle: z.int(), block: z.int(), bits: value })),
  testToTrain: value.optional(),
});

const trained = z.object({
  evaluation: z.discriminatedUnion("task", [
    z.looseObject({
      task: z.literal("classification"),
      labels: z.array(z.string()),
      predicted: integers,
      scores: floats.nullable(),
    }),
    z.looseObject({ task: z.literal("regression"), predicted: floats }),
  ]),
  points: z.array(z.looseObject({ evaluation: z.int(), epoch: value, step: z.int() })),
  kept: z.int().nullable(),
  steps: z.int(),
  seconds: value,
  warnings: z.array(z.string()),
});

const row = z.looseObject({
  row: z.int(),
  target: z.string(),
  predicted: z.string(),
  tokens: z.array(z.string()),
  words: integers,
  marks: z.array(z.string()),
});
const explained = z.union([
  row.extend({ error: z.string() }),
  row.extend({
    error: z.null(),
    logit: value,
    residual: value.nullable(),
    scores: floats,
    layers: z.array(z.object({ layer: z.int(), scores: floats })),
    measures: z.record(z.string(), z.unknown()),
  }),
]);

/** Takes nothing that only looks like one of ours. */
export const foundSchema = z.union([
  z.object({ result: probed }),
  z.object({ training: trained }),
  z.object({ records: z.array(z.array(explained)) }),
  z.object({ checkpoint: z.literal(true) }),
  z.object({
    error: z.string(),
    task: z
      .string()
      .regex(/^\d+_\d+$/)
      .optional(),
  }),
]);
