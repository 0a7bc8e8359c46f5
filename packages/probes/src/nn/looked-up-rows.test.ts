/** @file Ranges of rows that were looked up, now and ever. */

import { expect, it } from "vitest";
import { LookedUpRows, without } from "./looked-up-rows.ts";

const range = (start: number, end: number) => ({ start, end });

it("names the rows of a step, and those of all steps; short gaps are taken along", () => {
  const rows = new LookedUpRows({ start: 100, rows: 40, width: 4 });
  expect(rows.rangesNow()).toEqual([]);
  rows.look(BigInt64Array.of(0n, 3n, 3n, 20n));
  expect(rows.rangesNow()).toEqual([range(100, 116), range(180, 184)]);
  const gradients = new Float32Array(260).fill(1);
  rows.clear(gradients);
  expect([...gradients].filter((x) => x === 0)).toHaveLength(20);
  expect(gradients.subarray(100, 116).every((x) => x === 0)).toBe(true);
  rows.look([39]);
  expect(rows.rangesNow()).toEqual([range(256, 260)]);
  expect(rows.rangesEver()).toEqual([range(100, 116), range(180, 184), range(256, 260)]);
  expect(rows.end).toBe(260);
});

it("finds the rows of earlier steps in a slot", () => {
  const rows = new LookedUpRows({ start: 8, rows: 30, width: 4 });
  rows.look([1]);
  rows.clear(new Float32Array(200));
  const slot = new Float32Array(200);
  slot[8 + 4 * 7 + 3] = 1e-30;
  rows.recall([new Float32Array(200), slot]);
  expect(rows.rangesEver()).toEqual([range(36, 40)]);
});

it("leaves over what is between", () => {
  const others = [range(2, 4), range(6, 7)];
  expect(without(range(0, 9), others)).toEqual([range(0, 2), range(4, 6), range(7, 9)]);
  expect(without(range(3, 7), others)).toEqual([range(4, 6)]);
  expect(without(range(2, 4), others)).toEqual([]);
  expect(without(range(4, 6), [])).toEqual([range(4, 6)]);
});
