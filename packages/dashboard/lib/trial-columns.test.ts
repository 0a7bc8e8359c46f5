import { expect, test } from "vitest";
import { axes } from "./axes.ts";
import { type FactColumns, groupPlaces, meansOf, placesWithin } from "./trial-columns.ts";

/** Six trials: pooling 7 or 9, layer 0 to 2; the others agree on everything. */
const token = Int32Array.from([7, 9, 7, 9, 7, 9]);
const layer = Int32Array.from([0, 0, 1, 1, 2, 2]);
const facts: FactColumns = {
  trials: Int32Array.from([2, 3, 5, 8, 13, 21]),
  layerIndex: layer,
  kind: new Int32Array(6),
  split: new Int32Array(6),
  codes: {
    ...(Object.fromEntries(axes.map((axis) => [axis, new Int32Array(6)])) as FactColumns["codes"]),
    ...{ token, layer },
  },
};
const nan = Number.NaN;
const mean = Float64Array.from([0.5, 0.25, nan, 0.75, 1, 0.125]);
const low = Float64Array.from([nan, 0.125, nan, nan, nan, 0.5]);
const scores = { mean, low, high: low, itemLow: low, itemHigh: low };
const all = { wanted: new Map(), members: null };

test("leaves out trials without a score, outside of a filter, or of another experiment", () => {
  expect([...placesWithin(facts, scores, all)]).toEqual([0, 1, 3, 4, 5]);
  const wanted = new Map([["token" as const, [9]]]);
  expect([...placesWithin(facts, scores, { wanted, members: null })]).toEqual([1, 3, 5]);
  const members = new Set([3, 13, 21]);
  expect([...placesWithin(facts, scores, { wanted, members })]).toEqual([1, 5]);
  const unknown = new Map([["token" as const, [-1]]]);
  expect([...placesWithin(facts, scores, { wanted: unknown, members: null })]).toEqual([]);
});

test("numbers groups as they are met, and averages what they have", () => {
  const places = placesWithin(facts, scores, all);
  const groups = groupPlaces(facts, places, ["token"]);
  expect([...groups.of]).toEqual([0, 1, 1, 0, 1]);
  expect([...groups.first]).toEqual([0, 1]);
  const means = meansOf(groups, places, scores);
  expect([...means.trials]).toEqual([2, 3]);
  expect([...means.mean]).toEqual([0.75, (0.25 + 0.75 + 0.125) / 3]);
  // No trial of the first pooling has an interval; two of the second have.
  expect([...means.low]).toEqual([nan, (0.125 + 0.5) / 2]);
});

test("groups by several axes, by none, and of nothing", () => {
  const places = placesWithin(facts, scores, all);
  expect([...groupPlaces(facts, places, ["token", "layer"]).of]).toEqual([0, 1, 2, 3, 4]);
  expect([...groupPlaces(facts, places, []).of]).toEqual([0, 0, 0, 0, 0]);
  expect([...groupPlaces(facts, new Int32Array(), ["token"]).first]).toEqual([]);
});

test("groups numbers too large for a table", () => {
  const large = Int32Array.from([5, 2_000_000_000, 5, 2_000_000_000, 6, 5]);
  const wide = { ...facts, codes: { ...facts.codes, token: large } };
  const places = Int32Array.from([0, 1, 2, 3, 4, 5]);
  expect([...groupPlaces(wide, places, ["token"]).of]).toEqual([0, 1, 0, 1, 2, 0]);
});
