/** @file Which rows make up each step of an epoch: decided by seed and epoch alone, so that a training can resume. */

import { createRandom } from "../random.ts";

export type Sampling = {
  /** Rows of the training part. */
  readonly rows: Uint32Array;
  readonly seed: number;
  /** Class of every row of the data; given when every class is to be drawn equally often. */
  readonly balance: Int32Array | null;
};

/**
 * The order of rows in an epoch: each once in random order, or with `balance` as many draws with
 * replacement in which every class is equally likely.
 */
export function epochOrder({ rows, seed, balance }: Sampling, epoch: number): Uint32Array {
  const random = createRandom(seed).fork(`epoch ${epoch}`);
  if (balance === null) return random.permutation(rows.length).map((i) => rows[i]!);
  const byClass = new Map<number, number[]>();
  for (const row of rows) {
    const members = byClass.get(balance[row]!);
    if (members) members.push(row);
    else byClass.set(balance[row]!, [row]);
  }
  const classes = [...byClass].sort(([a], [b]) => a - b).map(([, members]) => members);
  return rows.map(() => {
    const members = classes[random.integer(classes.length)]!;
    return members[random.integer(members.length)]!;
  });
}

/** Consecutive pieces of at most `size` elements. */
export function pieces(order: Uint32Array, size: number): readonly Uint32Array[] {
  return Array.from({ length: Math.ceil(order.length / size) }, (_, i) =>
    order.subarray(i * size, (i + 1) * size),
  );
}
