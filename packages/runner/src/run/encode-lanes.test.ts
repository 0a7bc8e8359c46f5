/** @file Copies of large models are few. */

import { expect, it } from "vitest";
import { encodeLanes } from "./encode-lanes.ts";

const executor = (workers: number, threads: number) => ({ room: () => workers, threads });
const [small, large] = [90e6, 440e6];

it("gives every worker a session of a small model", () => {
  expect(encodeLanes(executor(8, 1), "cpu", [small])).toEqual({ lanes: 8, threads: 1 });
});

it.each([
  [2, 1, { lanes: 1, threads: 2 }],
  [8, 1, { lanes: 2, threads: 4 }],
  [9, 1, { lanes: 3, threads: 3 }],
  [2, 4, { lanes: 2, threads: 4 }],
  [2, 16, { lanes: 2, threads: 16 }],
  [1, 2, { lanes: 1, threads: 2 }],
])("shares a copy of a large model among threads: %d workers of %d", (workers, threads, lanes) => {
  expect(encodeLanes(executor(workers, threads), "cpu", [small, large])).toEqual(lanes);
});

it("leaves devices alone, whose sessions are theirs", () => {
  expect(encodeLanes(executor(2, 1), "webgpu", [large])).toEqual({ lanes: 2, threads: 1 });
});
