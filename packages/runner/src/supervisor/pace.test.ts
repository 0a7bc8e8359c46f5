import { expect, test } from "vitest";
import { createPace } from "./pace.ts";

test("grants twenty times the slowest pace, and never less than the least", () => {
  const pace = createPace(60);
  expect(pace.limit("probe", 3)).toBe(Number.POSITIVE_INFINITY);
  pace.measure("probe", 2, 1);
  pace.measure("probe", 1, 2); // 2 s for a size of 1 is the slowest
  pace.measure("encode", 1000, 1);
  expect(pace.limit("probe", 3)).toBe(20 * 2 * 3);
  expect(pace.limit("probe", 1)).toBe(60);
  expect(pace.limit("encode", 10_000)).toBe(200);
});

test("knows nothing of jobs without a size", () => {
  const pace = createPace(60);
  pace.measure("tokenize", 0, 5);
  expect(pace.limit("tokenize", 0)).toBe(Number.POSITIVE_INFINITY);
});
