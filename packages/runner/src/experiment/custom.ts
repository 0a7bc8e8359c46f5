/** @file Poolers and classifiers that people write themselves, in a TypeScript experiment file. */

import type { CustomClassifier, CustomPooling } from "@probegrid/probes";
import { canonicalJson, shortHash } from "../canonical.ts";
import type { LayerWord } from "./vocabulary.ts";

/** A pooler written with graph ops; `each` makes one trial per layer, calling `pool` with that layer alone. */
export type CustomPooler = {
  readonly name: string;
  /** Which hidden states `pool` receives; default "each". */
  readonly layer?: number | LayerWord | readonly number[];
  /** From the hidden states of the chosen layers, each [batch, tokens, dim], and their mask to [batch, width]. */
  readonly pool: CustomPooling;
  /** Part of the trial's id, with the source text of `pool`; raise it when a helper that `pool` calls changes. */
  readonly version?: string;
};

/** True for an object with a name and a `fit` or `forward` function: a classifier of one's own. */
export function isCustomClassifier(value: unknown): value is CustomClassifier {
  if (typeof value !== "object" || value === null) return false;
  const { name, fit, forward } = value as Record<string, unknown>;
  return typeof name === "string" && (typeof fit === "function" || typeof forward === "function");
}

/** Hash of everything that defines a pooler or classifier of one's own: source text of functions, other fields as JSON. */
export function sourceHash(custom: object): string {
  return shortHash(
    Object.entries(custom)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, field]) => `${key}=${typeof field === "function" ? field : plain(field)}`)
      .join("\n"),
  );
}

function plain(field: unknown): string {
  return field !== null && typeof field === "object" && !Array.isArray(field)
    ? `{${sourceHash(field)}}`
    : canonicalJson(field);
}
