/** @file Schedules against values of transformers' get_*_schedule_with_warmup (4 of 10 steps warm up). */

import { expect, it } from "vitest";
import { scheduleFactor, warmupSteps } from "./schedules.ts";

const factors = (name: "linear" | "cosine" | "constant") =>
  Array.from({ length: 10 }, (_, step) => scheduleFactor(name, step, { total: 10, warmup: 4 }));

it("rises over the warm-up, then falls linearly to zero after the last step", () => {
  const expected = [0, 1 / 4, 2 / 4, 3 / 4, 1, 5 / 6, 4 / 6, 3 / 6, 2 / 6, 1 / 6];
  factors("linear").forEach((factor, i) => {
    expect(factor).toBeCloseTo(expected[i]!, 12);
  });
});

it("falls along half a cosine, or stays", () => {
  const cosine = factors("cosine");
  expect(cosine[7]).toBeCloseTo(0.5, 12); // half of the six steps after the warm-up
  expect(cosine[6]).toBeCloseTo(0.75, 12); // (1 + cos 60°) / 2
  expect(factors("constant").slice(3)).toEqual([0.75, 1, 1, 1, 1, 1, 1]);
});

it("takes a warm-up as a share or as steps, and starts at full rate without one", () => {
  expect(warmupSteps(0.1, 95)).toBe(10);
  expect(warmupSteps(7, 95)).toBe(7);
  expect(scheduleFactor("linear", 0, { total: 10, warmup: 0 })).toBe(1);
});
