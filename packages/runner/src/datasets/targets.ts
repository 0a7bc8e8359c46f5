/** @file Labels as the file writes them to class numbers or scores. */

import { ExperimentError } from "../errors.ts";
import { show } from "./table.ts";

/** One label and how to speak of its row. */
export type Label = { readonly value: string | number; readonly refuse: (reason: string) => Error };

export type Task = "classification" | "regression";

export type Targets =
  | {
      readonly task: "classification";
      readonly targets: Int32Array;
      readonly labels: readonly string[];
    }
  | { readonly task: "regression"; readonly targets: Float32Array; readonly labels: null };

type Known = {
  readonly task?: Task | undefined;
  readonly labelNames?: Readonly<Record<string, string>> | undefined;
  readonly source: string;
};

const number = /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i;

/**
 * Without a task: regression if all labels are numbers and one is not whole, else classification. Classes stand in
 * numeric order if all labels are numbers (1 and 1.0 are one class), else in the order of their characters.
 */
export function readTargets(
  labels: readonly Label[],
  { task, labelNames, source }: Known,
): Targets {
  const values = labels.map(({ value }) => toNumber(value));
  const numeric = values.every((value) => value !== null);
  const fraction = numeric && values.some((value) => !Number.isInteger(value));
  if ((task ?? (fraction ? "regression" : "classification")) === "regression") {
    return { task: "regression", targets: scores(labels), labels: null };
  }
  const spellings = numeric ? values.map(String) : labels.map(({ value }) => String(value));
  const classes = [...new Set(spellings)].sort(
    numeric ? (a, b) => Number(a) - Number(b) : (a, b) => (a < b ? -1 : 1),
  );
  if (classes.length < 2) {
    throw new ExperimentError(
      `${source}: expected at least 2 classes, all ${labels.length} rows have label ${show(classes[0])}`,
    );
  }
  const index = new Map(classes.map((name, i) => [name, i]));
  return {
    task: "classification",
    targets: Int32Array.from(spellings, (name) => index.get(name) ?? -1),
    labels: nameAll(classes, labelNames),
  };
}

/** A finite number, or null; texts count when they are nothing but a number. */
function toNumber(value: string | number): number | null {
  const found = typeof value === "number" ? value : number.test(value) ? Number(value) : Number.NaN;
  return Number.isFinite(found) ? found : null;
}

function scores(labels: readonly Label[]): Float32Array {
  return Float32Array.from(labels, ({ value, refuse }) => {
    const score = toNumber(value);
    if (score === null) throw refuse(`expected a number as label, got ${show(value)}`);
    const stored = Math.fround(score);
    if (!Number.isFinite(stored)) throw refuse(`label ${score} is beyond float32`);
    return stored;
  });
}

/** Names a file gives to its label values, where it names every one of them differently. */
function nameAll(
  classes: readonly string[],
  names: Readonly<Record<string, string>> = {},
): readonly string[] {
  const named = classes.map((name) => (Object.hasOwn(names, name) ? names[name] : undefined));
  const complete = named.every((name) => name !== undefined);
  return complete && new Set(named).size === classes.length ? named : classes;
}
