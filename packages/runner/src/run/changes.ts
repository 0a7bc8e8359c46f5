/** @file What was edited in an experiment since it last ran: shown before anything is computed. */

import { canonicalJson } from "../canonical.ts";
import type { Experiment } from "../experiment/complete.ts";
import { plural } from "../format.ts";
import { plainText } from "../plain-text.ts";
import type { Store } from "../store/index.ts";
import { plainExperiment } from "./record-grid.ts";

const mostShown = 12;
const longest = 60; // characters of a value

/** One line per field that differs from the last run of this name; none when nothing does, or it is new. */
export function changeLines(store: Store, experiment: Experiment): readonly string[] {
  const stored = store.sqlite
    .prepare<[string], string>("select spec from experiments where name = ?")
    .pluck()
    .get(experiment.name);
  const now = canonicalJson(plainExperiment(experiment));
  if (stored === undefined || stored === now) return [];
  const changes = [...differences(JSON.parse(stored), JSON.parse(now))];
  if (changes.length === 0) return [];
  const rest = changes.length - mostShown;
  return [
    "changed since the last run; what is not computed yet are new trials, and old ones are kept:",
    ...changes.slice(0, mostShown).map((change) => `  ${change}`),
    ...(rest > 0 ? [`  and ${plural(rest, "more change")}`] : []),
    "",
  ];
}

/** `folds.k: 5 -> 10`, `classifiers: + {"name":"ridge"}`: lists are compared by what is in them. */
function* differences(before: unknown, after: unknown, path = ""): Generator<string> {
  if (canonicalJson(before) === canonicalJson(after)) return;
  if (Array.isArray(before) && Array.isArray(after)) {
    const had = new Set(before.map(canonicalJson));
    const has = new Set(after.map(canonicalJson));
    for (const item of had) if (!has.has(item)) yield `${path}: - ${shorten(item)}`;
    for (const item of has) if (!had.has(item)) yield `${path}: + ${shorten(item)}`;
  } else if (isRecord(before) && isRecord(after)) {
    for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
      yield* differences(before[key] ?? null, after[key] ?? null, path ? `${path}.${key}` : key);
    }
  } else {
    yield `${path}: ${shorten(canonicalJson(before))} -> ${shorten(canonicalJson(after))}`;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function shorten(text: string): string {
  const plain = plainText(text);
  return plain.length > longest ? `${plain.slice(0, longest)}…` : plain;
}
