/** @file What a link says: every filter, grouping and selection of the Compare page, read from and written to the URL. */

import {
  createLoader,
  createSerializer,
  type inferParserType,
  parseAsArrayOf,
  parseAsBoolean,
  parseAsJson,
  parseAsNumberLiteral,
  parseAsString,
  parseAsStringLiteral,
} from "nuqs/server";
import { type Axis, axes, isAxis } from "./axes.ts";
import { columnNames } from "./columns.ts";

/** The parts of the Compare page, in the order in which they stand. */
export const parts = ["curve", "heat", "multiples", "parallel", "size", "trials"] as const;
export type Part = (typeof parts)[number];

/** What is marked in every chart at once: values per axis, and a range of scores. */
export type Selection = Partial<Record<Axis, readonly string[]>> & {
  readonly score?: readonly [number, number];
};

const strings = parseAsArrayOf(parseAsString).withDefault([]);
const axis = parseAsStringLiteral(axes);

/** One parser per word in the query string. */
export const viewParsers = {
  experiment: strings,
  dataset: strings,
  model: strings,
  token: strings,
  layerMethod: strings,
  classifier: strings,
  options: strings,
  metric: parseAsString,
  folds: parseAsBoolean.withDefault(false),
  band: parseAsStringLiteral(["folds", "items"]).withDefault("folds"),
  collapse: parseAsArrayOf(axis).withDefault(["seed"]),
  show: parseAsArrayOf(parseAsStringLiteral(parts)).withDefault(["curve", "heat", "trials"]),
  lines: parseAsNumberLiteral([4, 8, 12, 20]).withDefault(8),
  x: axis.withDefault("layer"),
  y: axis.withDefault("token"),
  by: parseAsStringLiteral(["dataset", "model"]).withDefault("dataset"),
  select: parseAsJson(readSelection).withDefault({}),
  sort: parseAsStringLiteral(columnNames).withDefault("score"),
  order: parseAsStringLiteral(["asc", "desc"]).withDefault("desc"),
  columns: parseAsArrayOf(parseAsStringLiteral(columnNames)),
  find: parseAsString.withDefault(""),
  state: parseAsStringLiteral(["pending", "running", "done", "failed"]),
  trial: parseAsString,
} as const;

export type View = inferParserType<typeof viewParsers>;

/** Reads a view from a page's or a request's query. */
export const loadView = createLoader(viewParsers);
/** Writes a link to a view. */
export const viewLink = createSerializer(viewParsers);

/** A selection as it came from the URL, with everything unknown dropped. */
export function readSelection(value: unknown): Selection | null {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
  const selection: { -readonly [K in keyof Selection]: Selection[K] } = {};
  for (const [name, chosen] of Object.entries(value)) {
    if (!Array.isArray(chosen)) continue;
    if (name === "score" && chosen.length === 2 && chosen.every(Number.isFinite)) {
      selection.score = [Number(chosen[0]), Number(chosen[1])];
    } else if (isAxis(name)) {
      selection[name] = chosen.map(String).slice(0, 1000);
    }
  }
  return selection;
}

/** Whether a point with these axis values (those it has) and score is marked by the selection. */
export function isSelected(
  selection: Selection,
  values: Partial<Record<Axis, string>>,
  score?: number,
): boolean {
  for (const name of axes) {
    const wanted = selection[name];
    const value = values[name];
    if (wanted !== undefined && value !== undefined && !wanted.includes(value)) return false;
  }
  const range = selection.score;
  return range === undefined || score === undefined || (score >= range[0] && score <= range[1]);
}

/** Whether anything is selected at all. */
export function isEmptySelection(selection: Selection): boolean {
  return Object.keys(selection).length === 0;
}
