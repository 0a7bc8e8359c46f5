/** @file Reads a JSON file of the folder that head and tasks share: others can write there too. */

import { readFileSync } from "node:fs";
import type { z } from "zod";
import { ExperimentError, messageOf } from "../errors.ts";
import { problemOf } from "../experiment/problems.ts";
import { parseJson } from "../parse-json.ts";

/** Throws an ExperimentError that names the file, and the place in it that is not as expected. */
export function readChecked<Schema extends z.ZodType>(
  file: string,
  schema: Schema,
): z.output<Schema> {
  const text = readFileSync(file, "utf8");
  try {
    const found = schema.safeParse(parseJson(text));
    if (found.success) return found.data;
    throw problemOf(found.error);
  } catch (cause) {
    throw new ExperimentError(`${file}: ${messageOf(cause).slice(0, 300)}`, { cause });
  }
}
