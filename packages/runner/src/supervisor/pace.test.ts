import { expect, test } from "vitest";
import { createPace } from "./pace.ts";

test("grants twenty times the slowest pace, and never less than the least", () => {
  const pace = createPace(60);
  pace.measure("probe", 2, 1);
  pace.measure("probe", 1, 2); // 2 s for a size of 1 is the slowest
  pace.measure("encode", 1000, 1);
  expect(pace.limit("probe", 3)).toEqual({ seconds: 20 * 2 * 3, measured: true });
  expect(pace.limit("probe", 1).seconds).toBe(60);
  expect(pace.limit("encode", 10_000).seconds).toBe(200);
});

test("grants the first probes ten times the least, and other first jobs any time", () => {
  const pace = createPace(60);
  expect(pace.limit("probe", 3)).toEqual({ seconds: 600, measured: false });
  expect(pace.limit("encode", 3).seconds).toBe(Number.POSITIVE_INFINITY);
});

test("knows nothing of jobs without a size", () => {
  const pace = createPace(60);
  pace.measure("tokenize", 0, 5);
  expect(pace.limit("tokenize", 0).seconds).toBe(Number.POSITIVE_INFINITY);
});
