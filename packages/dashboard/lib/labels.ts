/** @file Short names: of several lines, only what tells them apart is said. */

import { type Axis, axes, axisLabels, none } from "./axes.ts";
import { shortenMiddle } from "./shorten.ts";

type Values = Partial<Record<Axis, string>>;

/** Axes on which some values differ. */
export function varyingAxes(all: readonly Values[]): readonly Axis[] {
  return axes.filter((axis) => new Set(all.map((values) => values[axis])).size > 1);
}

/** One label per set of values: the varying ones, or the most telling when nothing varies; names of datasets and models of at most so many letters. */
export function shortLabels(
  all: readonly Values[],
  most = Number.POSITIVE_INFINITY,
): readonly string[] {
  const varying = varyingAxes(all);
  const told = varying.length > 0 ? varying : (["token", "classifier"] as const);
  return all.map((values) => {
    const words = told.flatMap((axis) => {
      const word = worded(axis, values[axis]);
      if (word === null) return [];
      return axis === "dataset" || axis === "model" ? shortenMiddle(word, most) : word;
    });
    return words.join(" · ") || "all trials";
  });
}

/** What all of them share, as a sentence fragment: "sst2, bert-base". */
export function sharedLabel(all: readonly Values[]): string {
  const varying = new Set<Axis>(varyingAxes(all));
  const first = all[0] ?? {};
  return axes
    .filter((axis) => !varying.has(axis))
    .map((axis) => worded(axis, first[axis]))
    .filter((word) => word !== null)
    .join(", ");
}

/** A value that says what it is where the bare word would not; null where there is none. */
export function worded(axis: Axis, value: string | undefined): string | null {
  if (value === undefined || value === none) return null;
  if (axis === "layer" || axis === "seed") return `${axisLabels[axis].toLowerCase()} ${value}`;
  if (axis === "layerMethod") return `${value} over layers`;
  return value;
}
