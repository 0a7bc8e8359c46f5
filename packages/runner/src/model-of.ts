/** @file The architecture that a checkpoint's config.json describes. */

import { type Model, readModel } from "@probegrid/probes";
import type { Checkpoint } from "./checkpoint.ts";
import { ExperimentError, messageOf } from "./errors.ts";

/** Throws an ExperimentError that names the folder where config.json is none that we know. */
export function modelOf({ config, path }: Pick<Checkpoint, "config" | "path">): Model {
  try {
    return readModel(config);
  } catch (cause) {
    throw new ExperimentError(`model ${path}: ${messageOf(cause)}`, { cause });
  }
}
