/** @file What an experiment file may say about a dataset. */

import { z } from "zod";
import { ExperimentError, unknownName } from "../errors.ts";
import { textVariants } from "../text-variants.ts";

/** How a file is laid out; found out by itself where not given. */
export const formats = ["json", "jsonl", "csv", "tsv", "labelled", "senteval", "trees"] as const;
export type Format = (typeof formats)[number];

/** A column by name, or by number from 0 where the file has no header. */
const column = z.union([z.string().min(1), z.int().min(0)], {
  error: "expected the name of a column, or its number from 0",
});

const file = z
  .string({ error: "expected the path of a file" })
  .min(1, "expected a path, got an empty text");

const fields = {
  /** One file. Looked up beside the experiment file, then in the current folder. */
  path: file.optional(),
  /** Or fixed parts, one file each; `validation` may be left out. They are for folds of kind "fixed". */
  train: file.optional(),
  validation: file.optional(),
  test: file.optional(),
  /** As shown in tables; default: the file's name. */
  name: z.string().min(1).optional(),
  /**
   * json (records, columns, or {data: ...} with its description), jsonl, csv, tsv, labelled ("label text" on each line),
   * senteval (tr|va|te, label and text between tabs), trees (Stanford Sentiment Treebank: the root's label).
   */
  format: z
    .enum(formats, { error: ({ input }) => unknownName("format", input, formats) })
    .optional(),
  /** Columns; those with a usual name (text, sentence, sentence1, label, ...) are found without. */
  text: column.optional(),
  /** Second text of a pair; null: none, whatever the columns are called. */
  textPair: column.nullable().optional(),
  label: column.optional(),
  /** Rows of one group never stand on both sides of a grouped fold. */
  group: column.optional(),
  /** Column that says train, validation or test. */
  part: column.optional(),
  /** Whether the first line of a csv or tsv names the columns. */
  header: z.boolean().optional(),
  delimiter: z.string().length(1, "expected one character").optional(),
  /** Quote character of csv and tsv; null: quotes mean nothing. */
  quote: z.string().length(1, "expected one character").nullable().optional(),
  /** utf-8, utf-16le, utf-16be or windows-1252 (which reads latin-1 too); found out by itself. */
  encoding: z
    .enum(["utf-8", "utf-16le", "utf-16be", "windows-1252", "latin-1"], {
      error: ({ input }) =>
        unknownName("encoding", input, [
          "utf-8",
          "utf-16le",
          "utf-16be",
          "windows-1252",
          "latin-1",
        ]),
    })
    .optional(),
  /**
   * Default: what the file says of itself, else regression if a label is a fraction, else classification.
   */
  task: z
    .enum(["classification", "regression"], {
      error: ({ input }) => unknownName("task", input, ["classification", "regression"]),
    })
    .optional(),
  /** Of every text: as it is (the default), with a period at its end, or without one. */
  variant: z
    .enum(textVariants, { error: ({ input }) => unknownName("variant", input, textVariants) })
    .optional(),
  /** At most this many rows: a random sample that keeps their order. */
  limit: z.int("expected a whole number of rows").min(1, "expected at least 1 row").optional(),
  /** Seed of that sample, default 0. */
  seed: z.int("expected a whole number").min(0).optional(),
};

/** A path, or an object that says how to read it. */
export const datasetSpec = z.union([
  file.transform((path): DatasetFields => ({ path })),
  z.strictObject(fields, {
    error: (issue) =>
      issue.code === "unrecognized_keys"
        ? unknownName("field of a dataset", issue.keys?.[0], Object.keys(fields))
        : undefined,
  }),
]);

type DatasetFields = z.output<z.ZodObject<typeof fields>>;

/** What may be written in an experiment file. */
export type DatasetSpec = z.input<typeof datasetSpec>;

/** The same as an object. */
export type DatasetOptions = Readonly<DatasetFields>;

/** Checks what was written; the error names the field. */
export function readDatasetSpec(value: unknown): DatasetOptions {
  const schema =
    typeof value === "string" ? file.transform((path) => ({ path })) : datasetSpec.options[1];
  const parsed = schema.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new ExperimentError(issue?.message ?? "unreadable", {
      path: issue?.path.join(".") ?? "",
    });
  }
  const options: DatasetOptions = parsed.data;
  const parts = [options.train, options.validation, options.test].filter(
    (one) => one !== undefined,
  );
  if (options.path !== undefined && parts.length > 0) {
    throw new ExperimentError("dataset: expected either path or train and test, got both");
  }
  const held = options.test ?? options.validation;
  if (options.path === undefined && (options.train === undefined || held === undefined)) {
    throw new ExperimentError(
      parts.length > 0
        ? `dataset: expected both train and test, ${options.train === undefined ? "train" : "test"} is missing`
        : "dataset: expected a path, or train and test",
    );
  }
  return options;
}
