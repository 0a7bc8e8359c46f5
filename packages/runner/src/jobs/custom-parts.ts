/** @file Functions can not be sent to a worker: it reads the experiment file itself and takes them from there. */

import { ExperimentError } from "../errors.ts";
import type { CustomParts } from "../experiment/complete.ts";
import { sourceHash } from "../experiment/custom.ts";
import { loadExperiment } from "../experiment.ts";

/** Where a file's own poolers and classifiers are found. */
export type ExperimentSource = { readonly source: string; readonly set: readonly string[] };

/** Which function of a file is meant: its place in the list, and the hash it must have. */
export type CustomPart = { readonly index: number; readonly hash: string };

const loaded = new Map<string, Promise<CustomParts>>();

/** The pooler or classifier at a place of the experiment file; refuses one that was edited since the plan. */
export async function findCustomPart<Kind extends keyof CustomParts>(
  { source, set }: ExperimentSource,
  kind: Kind,
  { index, hash }: CustomPart,
): Promise<NonNullable<ReturnType<CustomParts[Kind]["get"]>>> {
  const key = JSON.stringify([source, set]);
  const parts = loaded.get(key) ?? loadExperiment(source, { set }).then(({ custom }) => custom);
  loaded.set(key, parts);
  const part = (await parts)[kind].get(index);
  if (part === undefined || sourceHash(part) !== hash) {
    throw new ExperimentError(`${source}: ${kind}[${index}] was changed while the experiment ran`);
  }
  return part as NonNullable<ReturnType<CustomParts[Kind]["get"]>>;
}
