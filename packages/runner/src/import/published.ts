/** @file One published result, checked and told apart: both forms of the log files become one. */

import { z } from "zod";
import { problemOf } from "../experiment/problems.ts";
import { show } from "../experiment/schema.ts";
import type { PublishedPooler } from "./pooling.ts";
import { type Scored, scoresOf } from "./scores.ts";

/** A result as its file tells it. */
export type PublishedResult = Scored & {
  /** `first`: metrics as lists per fold; `second`: one list per metric. */
  readonly form: "first" | "second";
  readonly dataset: PublishedDataset;
  readonly model: string;
  readonly classifier: string;
  readonly pooler: PublishedPooler;
  /** Rows trained on, where a learning curve fixed them. */
  readonly trainRows: number | null;
};

export type PublishedDataset = {
  readonly name: string;
  readonly link: string;
  readonly task: "classification" | "regression";
  /** Names of the two ends of the scale, in order. */
  readonly labels: readonly string[];
  /** Rows that the file claims; known to be wrong. */
  readonly claimedRows: number | null;
  /** Everything the file says about the data. */
  readonly metadata: Readonly<Record<string, unknown>>;
};

const metadata = z.looseObject({
  name: z.string().min(1),
  task: z.enum(["Classification", "Regression"]),
  link: z.string().default(""),
  labels: z.record(z.string(), z.string()).default({}),
  size: z.number().optional(),
  "train len": z.int().min(1).optional(),
});

const layer = z.union([z.int(), z.array(z.int()).min(1), z.string().min(1)]);
const expdata = z.looseObject({
  model: z.string().min(1),
  classifier: z.string().min(1),
  layer,
  quantile: z.union([z.number(), z.array(z.number()).min(1)]).nullish(),
  layer_method: z.string().nullish(),
  quantile_method: z.string().nullish(),
  attention: z.boolean().nullish(),
});

const schema = z.looseObject({
  metadata,
  expdata,
  data: z.record(z.string(), z.unknown()),
});

/** Throws an error that names the field, where this is no result. */
export function readPublished(value: unknown): PublishedResult {
  const parsed = schema.safeParse(value, { error: explain });
  if (!parsed.success) throw problemOf(parsed.error, []);
  const { metadata, expdata, data } = parsed.data;
  const { "train len": trainRows, size: _, ...described } = metadata;
  requireFinite({ metadata, expdata });
  const form = Object.hasOwn(data, "metrics") ? "first" : "second";
  return {
    form,
    dataset: {
      name: metadata.name,
      link: metadata.link,
      task: metadata.task === "Classification" ? "classification" : "regression",
      labels: namesOf(metadata.labels),
      claimedRows: metadata.size ?? null,
      metadata: { ...described, size: metadata.size },
    },
    model: expdata.model,
    classifier: expdata.classifier,
    pooler: {
      layer: expdata.layer,
      quantile: expdata.quantile ?? null,
      layerMethod: expdata.layer_method ?? null,
      quantileMethod: expdata.quantile_method ?? null,
      attention: expdata.attention ?? false,
    },
    trainRows: trainRows ?? null,
    ...scoresOf(data, form),
  };
}

/** JSON reads 1e400 as infinite, and what a result is known by must be written again. */
function requireFinite(parts: Readonly<Record<string, Readonly<Record<string, unknown>>>>): void {
  const infinite = (value: unknown): boolean =>
    typeof value === "object" && value !== null
      ? Object.values(value).some(infinite)
      : typeof value === "number" && !Number.isFinite(value);
  for (const [name, part] of Object.entries(parts)) {
    if (infinite(part)) throw new Error(`${name}: expected finite numbers, got one beyond 1e308`);
  }
}

function explain(issue: z.core.$ZodRawIssue): string {
  const expected =
    issue.code === "invalid_type"
      ? issue.expected
      : issue.code === "invalid_value"
        ? issue.values.join(" or ")
        : "another value";
  return `expected ${expected}, got ${show(issue.input)}`;
}

/** `{"0": "Negative", "1": "Positive"}` in the order of its keys. */
function namesOf(labels: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(labels)
    .sort(([a], [b]) => Number(a) - Number(b))
    .map(([, name]) => name);
}
