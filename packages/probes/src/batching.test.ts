/** @file Batches hold every text once, keep to the budget, and pad little. */

import { expect, it } from "vitest";
import { planBatches } from "./batching.ts";

/** Lengths between 3 and 60, skewed to short, from a fixed recurrence. */
const lengths = Array.from(
  { length: 1000 },
  (_, i) => 3 + Math.floor(57 * (((i * 7919) % 1009) / 1009) ** 2),
);

it("holds every text once, within the budget", () => {
  const batches = planBatches(lengths, 512);
  const rows = batches.flatMap((batch) => [...batch.rows]).sort((a, b) => a - b);
  expect(rows).toEqual(lengths.map((_, i) => i));
  for (const { rows, tokens } of batches) {
    expect(rows.length * tokens).toBeLessThanOrEqual(512);
    expect(tokens).toBe(Math.max(...[...rows].map((row) => lengths[row]!)));
  }
});

it("pads by under five percent", () => {
  const padded = planBatches(lengths, 1024).reduce(
    (sum, { rows, tokens }) => sum + rows.length * tokens,
    0,
  );
  const real = lengths.reduce((a, b) => a + b);
  expect(padded / real).toBeLessThan(1.05);
});

it("gives a text beyond the budget a batch of its own", () => {
  expect(planBatches([700, 3, 3], 512).map(({ rows }) => [...rows])).toEqual([[0], [1, 2]]);
});

it("makes no batch of nothing", () => {
  expect(planBatches([], 512)).toEqual([]);
});
