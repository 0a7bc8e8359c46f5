/** @file Orders of rows: complete, seeded, balanced. */

import { expect, it } from "vitest";
import { epochOrder, pieces } from "./batches.ts";

const rows = Uint32Array.from({ length: 1000 }, (_, i) => 2 * i);

it("takes every row once in an order that seed and epoch decide", () => {
  const sampling = { rows, seed: 3, balance: null };
  const order = epochOrder(sampling, 0);
  expect([...order].sort((a, b) => a - b)).toEqual([...rows]);
  expect(epochOrder(sampling, 0)).toEqual(order);
  expect(epochOrder(sampling, 1)).not.toEqual(order);
  expect(epochOrder({ ...sampling, seed: 4 }, 0)).not.toEqual(order);
});

it("draws classes equally often, with replacement", () => {
  const balance = new Int32Array(2000);
  for (const row of rows.slice(0, 50)) balance[row] = 1; // 5 % are of class 1
  const order = epochOrder({ rows, seed: 3, balance }, 0);
  const rare = order.filter((row) => balance[row] === 1).length;
  expect(order).toHaveLength(1000);
  expect(Math.abs(rare - 500)).toBeLessThan(5 * Math.sqrt(1000 / 4));
});

it("cuts into pieces, the last one shorter", () => {
  expect(pieces(rows.subarray(0, 5), 2).map((piece) => [...piece])).toEqual([[0, 2], [4, 6], [8]]);
});
