/** @file The trees that an experiment names: read once, and known by their bytes. */

import { readFileSync } from "node:fs";
import { shortHash } from "../canonical.ts";
import { locate } from "../locate.ts";
import type { AttributeExperiment } from "./experiment.ts";
import { type GoldTexts, readTrees } from "./gold-words.ts";

type Gold = {
  /** Hash of the file: part of a trial's spec, as its plausibility is part of its measures. */
  readonly id: string;
  readonly texts: GoldTexts;
};

let latest: { readonly file: string; readonly gold: Gold } | undefined;

/** Words with sentiments of an experiment's sentences; null where it names no trees. */
export function goldOf({
  trees,
  folder,
}: Pick<AttributeExperiment, "trees" | "folder">): Gold | null {
  if (trees === undefined) return null;
  const file = locate(trees, { what: "trees", from: folder });
  if (latest?.file === file) return latest.gold;
  const gold = { id: shortHash(readFileSync(file, "utf8")), texts: readTrees(file) };
  latest = { file, gold };
  return gold;
}
