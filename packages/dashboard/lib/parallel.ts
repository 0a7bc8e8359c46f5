/** @file Axes of the parallel coordinates: one per varying axis of the grid, one per hyper-parameter, the score last. */

import { type Axis, axes, none } from "./axes.ts";
import { formatScore } from "./format.ts";
import { inOrder } from "./natural-order.ts";
import type { Combination } from "./queries/compare.ts";

export type ParallelAxis = {
  /** What is written above: an axis, a hyper-parameter, or "score". */
  readonly name: string;
  /** The axis of the selection it belongs to. */
  readonly axis: Axis | "score";
  readonly ticks: readonly { readonly share: number; readonly label: string }[];
  /** Where a combination crosses it, 0 at the bottom. */
  readonly place: (one: Combination) => number;
  /** Value at a height, for the score. */
  readonly valueAt: (share: number) => number;
  /** Values of the selection's axis with their heights. */
  readonly values: readonly { readonly value: string; readonly share: number }[];
};

/** Lays out the axes for some combinations; axes on which all agree are left out. */
export function layoutAxes(combinations: readonly Combination[]): readonly ParallelAxis[] {
  const varying = axes.filter(
    (axis) =>
      axis !== "options" && new Set(combinations.map(({ values }) => values[axis])).size > 1,
  );
  return [
    ...varying.map((axis) => wordAxis(axis, combinations)),
    ...optionNames(combinations).map((name) => optionAxis(name, combinations)),
    scoreAxis(combinations),
  ];
}

/** Values of an axis whose height lies in a brushed range; of a mere click, the nearest one. */
export function valuesWithin(
  axis: ParallelAxis,
  [from, to]: readonly [number, number],
): readonly string[] {
  const inside = axis.values.filter(({ share }) => share >= from && share <= to);
  if (inside.length > 0) return inside.map(({ value }) => value);
  const middle = (from + to) / 2;
  const nearest = axis.values.toSorted(
    (a, b) => Math.abs(a.share - middle) - Math.abs(b.share - middle),
  )[0];
  return axis.values.filter(({ share }) => share === nearest?.share).map(({ value }) => value);
}

function wordAxis(axis: Axis, combinations: readonly Combination[]): ParallelAxis {
  const words = ordered(combinations.map(({ values }) => values[axis] ?? none));
  const shares = new Map(words.map((word, i) => [word, spread(i, words.length)]));
  const every = Math.ceil(words.length / 16);
  return {
    name: axis,
    axis,
    ticks: words.flatMap((label, i) =>
      i % every === 0 ? [{ share: spread(i, words.length), label }] : [],
    ),
    place: ({ values }) => shares.get(values[axis] ?? none) ?? 0,
    valueAt: (share) => share,
    values: words.map((value) => ({ value, share: shares.get(value) ?? 0 })),
  };
}

/** An option such as c: its values by size, "default" where a combination does not set it. */
function optionAxis(name: string, combinations: readonly Combination[]): ParallelAxis {
  const own = (options: string | undefined) => optionsOf(options).get(name) ?? "default";
  const words = ordered(combinations.map(({ values }) => own(values.options)));
  const shares = new Map(words.map((word, i) => [word, spread(i, words.length)]));
  const wholes = [...new Set(combinations.map(({ values }) => values.options ?? none))];
  return {
    name,
    axis: "options",
    ticks: words.map((label) => ({ share: shares.get(label) ?? 0, label })),
    place: ({ values }) => shares.get(own(values.options)) ?? 0,
    valueAt: (share) => share,
    values: wholes.map((value) => ({ value, share: shares.get(own(value)) ?? 0 })),
  };
}

function scoreAxis(combinations: readonly Combination[]): ParallelAxis {
  const means = combinations.map(({ mean }) => mean);
  const [low, high] = [Math.min(...means), Math.max(...means)];
  const length = high - low;
  // One score alone stands in the middle, like one value of any axis.
  const shares = length === 0 ? [0.5] : [0, 0.25, 0.5, 0.75, 1];
  return {
    name: "score",
    axis: "score",
    ticks: shares.map((share) => ({ share, label: formatScore(low + share * length) })),
    place: ({ mean }) => (length === 0 ? 0.5 : (mean - low) / length),
    valueAt: (share) => Number((low + share * length).toFixed(4)),
    values: [],
  };
}

/** "c=0.1, l2=1" as a map. */
function optionsOf(text: string | undefined): ReadonlyMap<string, string> {
  const pairs = (text ?? "").split(/[\s,]+/).filter((part) => part.includes("="));
  return new Map(
    pairs.map((part) => {
      const at = part.indexOf("=");
      return [part.slice(0, at), part.slice(at + 1)];
    }),
  );
}

function optionNames(combinations: readonly Combination[]): readonly string[] {
  const texts = new Set(combinations.map(({ values }) => values.options));
  return [...new Set([...texts].flatMap((text) => [...optionsOf(text).keys()]))].toSorted();
}

/** Numbers by size, 0.0001 before 0.001; words after them. */
function ordered(words: readonly string[]): readonly string[] {
  const size = (word: string) => (word.trim() === "" ? Number.NaN : Number(word));
  return [...new Set(words)].toSorted((a, b) => {
    const [x, y] = [size(a), size(b)];
    if (!Number.isNaN(x) && !Number.isNaN(y)) return x - y;
    if (Number.isNaN(x) !== Number.isNaN(y)) return Number.isNaN(x) ? 1 : -1;
    return inOrder(a, b);
  });
}

function spread(i: number, count: number): number {
  return count === 1 ? 0.5 : i / (count - 1);
}
