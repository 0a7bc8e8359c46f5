/** @file Options that say where labelled texts are: a file and its columns. */

import type { Options } from "yargs";
import { ExperimentError, messageOf } from "../errors.ts";

/** Columns are found by their usual names where they are not given. */
export const columnOptions = {
  text: { type: "string", requiresArg: true, describe: "Column of the text" },
  "text-pair": { type: "string", requiresArg: true, describe: "Column of the second text" },
  label: { type: "string", requiresArg: true, describe: "Column of the label" },
} as const satisfies Record<string, Options>;

type Given = {
  readonly data: string;
  readonly text?: string | undefined;
  readonly textPair?: string | undefined;
  readonly label?: string | undefined;
  readonly validation?: string | undefined;
  readonly test?: string | undefined;
  readonly task?: "classification" | "regression" | undefined;
  readonly limit?: number | undefined;
};

/** The dataset that options describe, as an experiment file would. */
export function datasetOf(options: Given): Record<string, unknown> {
  const { data, text, textPair, label, validation, test, task, limit } = options;
  const whole = data.trimStart().startsWith("{") ? readWhole(data) : null;
  const files =
    whole ??
    (validation === undefined && test === undefined
      ? { path: data }
      : { train: data, validation, test });
  const defined = (fields: object) =>
    Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
  return { ...defined(files), ...defined({ text, textPair, label, task, limit }) };
}

/** `--data {"path": ..., "quote": null}`: all that experiment files may say of a dataset. */
function readWhole(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch (cause) {
    throw new ExperimentError(`--data: ${messageOf(cause)} in ${text}`, { cause });
  }
}
