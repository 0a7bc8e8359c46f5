/** @file Round values along an axis. */

/** A range that holds all values, with a little air, of a length above zero. */
export function rangeOf(values: readonly number[]): readonly [number, number] {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const air = (high - low) * 0.06 || 0.05;
  return [low - air, high + air];
}

/** Round values inside a range, about five of them. */
export function ticks([low, high]: readonly [number, number], whole = false): readonly number[] {
  const rough = (high - low) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step =
    [1, 2, 5].map((factor) => factor * power).find((size) => size >= rough * 0.8) ?? 10 * power;
  const size = whole ? Math.max(1, Math.round(step)) : step;
  const first = Math.ceil(low / size - 1e-9);
  const count = Math.floor(high / size + 1e-9) - first + 1;
  return Array.from({ length: Math.max(0, count) }, (_, i) =>
    Number(((first + i) * size).toFixed(10)),
  );
}

/** Decimals that tell the ticks of a range apart. */
export function digitsOf([low, high]: readonly [number, number]): number {
  return Math.min(4, Math.max(0, 1 - Math.floor(Math.log10((high - low) / 5))));
}
