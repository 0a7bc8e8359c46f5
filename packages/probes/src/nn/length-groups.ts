/** @file The texts of a batch as two rectangles, short ones and long ones, with little padding. */

/** Some texts as rows of a rectangle. */
export type Rectangle = {
  /** Numbers of the texts. */
  readonly rows: readonly number[];
  /** Fields of a row; what a text has beyond them is left out. */
  readonly tokens: number;
};

export type LengthGroups = {
  /** Of each text. */
  readonly isLong: readonly boolean[];
  /** Either has padding in it, or nothing else: what is left out of it has somewhere to come from. */
  readonly short: Rectangle;
  readonly long: Rectangle;
};

/** Two rectangles have to save a tenth of the attention of one. */
const worthwhile = 0.9;

/**
 * Divides texts so that attention, whose cost is the square of a rectangle's tokens for each row, is cheapest. Where that
 * saves little, all texts are long, and the short rectangle is the first token of the first text, which nothing reads.
 */
export function divideByLength(lengths: readonly number[]): LengthGroups {
  const order = lengths.map((_, text) => text).sort((a, b) => lengths[a]! - lengths[b]!);
  const longest = Math.max(...lengths);
  const cost = (texts: number, tokens: number): number => texts * tokens ** 2;
  let [shorts, least] = [0, cost(lengths.length, longest) * worthwhile];
  for (let count = 1; count < order.length; count++) {
    const own = cost(count, lengths[order[count - 1]!]!);
    const both = own + cost(order.length - count, longest);
    if (both < least) [shorts, least] = [count, both];
  }
  if (shorts === 0) {
    return {
      isLong: lengths.map(() => true),
      short: { rows: [0], tokens: 1 },
      long: { rows: lengths.map((_, text) => text), tokens: longest },
    };
  }
  const short = new Set(order.slice(0, shorts));
  const rectangle = (rows: readonly number[]): Rectangle => {
    const own = rows.map((text) => lengths[text]!);
    const tokens = Math.max(...own);
    return { rows, tokens: own.every((length) => length === tokens) ? tokens + 1 : tokens };
  };
  const isLong = lengths.map((_, text) => !short.has(text));
  const texts = (long: boolean) =>
    lengths.flatMap((_, text) => (isLong[text] === long ? [text] : []));
  return { isLong, short: rectangle(texts(false)), long: rectangle(texts(true)) };
}
