/** @file What a person wants explained: a class, the prediction, a hidden unit, a norm, a word. */

import type { Objective } from "@probegrid/probes";
import { ExperimentError, unknownName } from "../errors.ts";

export type Wanted =
  | { readonly kind: "predicted" | "true" | "all" }
  | { readonly kind: "label"; readonly label: string }
  | { readonly kind: "unit"; readonly layer: number; readonly unit: number }
  | { readonly kind: "norm"; readonly layer: number }
  | { readonly kind: "token"; readonly word: string };

/** What may stand instead of a class, for models without a classification head. */
export const headless =
  "unit:LAYER:UNIT (a unit of a hidden state), norm:LAYER (a hidden state's norm) or token:WORD (a word's logit)";

/** Reads --target: predicted, true, all, a class name, unit:3:17, norm:-1, token:good. */
export function readTarget(text: string): Wanted {
  if (text === "predicted" || text === "true" || text === "all") return { kind: text };
  const [kind, ...rest] = text.split(":");
  if (kind === "token" && rest.length > 0) return { kind, word: rest.join(":") };
  const numbers = rest.map(Number);
  const whole = numbers.length > 0 && numbers.every(Number.isInteger) && !rest.includes("");
  if (kind === "unit" && whole && numbers.length === 2 && numbers[1]! >= 0) {
    return { kind, layer: numbers[0]!, unit: numbers[1]! };
  }
  if (kind === "norm" && whole && numbers.length === 1) return { kind, layer: numbers[0]! };
  return { kind: "label", label: text };
}

/** The number that the graph computes for what is wanted. */
export function objectiveOf(
  wanted: Wanted,
  classes: Extract<Objective, { kind: "class" }>,
): Objective {
  switch (wanted.kind) {
    case "unit":
    case "norm":
      return { kind: wanted.kind, layer: wanted.layer };
    case "token":
      return { kind: "token" };
    default:
      return classes;
  }
}

/** The position of a class by its name; classes without names are called LABEL_0 and so on. */
export function labelIndex(labels: readonly string[], label: string): number {
  const index = labels.indexOf(label);
  if (index >= 0) return index;
  throw new ExperimentError(
    `--target: ${unknownName("label", label, ["predicted", "true", "all", ...labels])}`,
  );
}
