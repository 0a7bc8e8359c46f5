/** @file The vertical scale of a learning curve: logarithmic where values differ by more than a glance can hold. */

import { rangeOf, ticks } from "../charts/ticks";

export type Scale = {
  readonly logarithmic: boolean;
  readonly ticks: readonly number[];
  /** Where a value stands, 0 at the bottom, 1 at the top. */
  readonly share: (value: number) => number;
};

/** Scores that lie between 0 and 1 by what they are. */
const shares: ReadonlySet<string> = new Set(["macroF1", "accuracy"]);

/** A scale that holds all values; a loss of 500 must not flatten those around 1. */
export function scaleOf(metric: string, values: readonly number[]): Scale {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  if (low > 0 && high / low > 30 && !shares.has(metric)) {
    const range = rangeOf([Math.log10(low), Math.log10(high)]);
    return {
      logarithmic: true,
      ticks: decades(range),
      share: (value) => shareOf(Math.log10(value), range),
    };
  }
  const [from, to] = rangeOf(values);
  const range = shares.has(metric)
    ? ([Math.max(0, from), Math.min(1, to)] as const)
    : ([from, to] as const);
  return { logarithmic: false, ticks: ticks(range), share: (value) => shareOf(value, range) };
}

const shareOf = (value: number, [from, to]: readonly [number, number]): number =>
  (value - from) / (to - from || 1);

/** Powers of ten in a range of logarithms, with 2 and 5 between them where they are few. */
function decades([from, to]: readonly [number, number]): readonly number[] {
  const factors = to - from < 3 ? [1, 2, 5] : [1];
  const all: number[] = [];
  for (let power = Math.floor(from); power <= Math.ceil(to); power++) {
    for (const factor of factors) all.push(Number((factor * 10 ** power).toPrecision(1)));
  }
  return all.filter((value) => Math.log10(value) >= from && Math.log10(value) <= to);
}
