/** @file Attention tracing and rollout through two layers of two heads, by hand. */

import { expect, it } from "vitest";
import { constant, evaluate } from "../graph/index.ts";
import { rollOut, traceAttention } from "./attention-tracing.ts";

// [batch 1, heads 2, tokens 2, tokens 2]
const lower = constant(Float32Array.of(0.9, 0.1, 0.2, 0.8, 0.5, 0.5, 1, 0), [1, 2, 2, 2]);
const upper = constant(Float32Array.of(0.6, 0.4, 0.3, 0.7, 0.25, 0.75, 0, 1), [1, 2, 2, 2]);

it("follows each head apart and sums at the end", async () => {
  const start = constant(Float32Array.of(1, 0), [1, 1, 1, 2]);
  const [all, top] = traceAttention([lower, upper], start);
  const found = await evaluate({ all: all!, top: top! });
  // Top layer: (.6, .4) and (.25, .75). Head 1: .6(.9,.1) + .4(.2,.8) = (.62, .38);
  // head 2: .25(.5,.5) + .75(1,0) = (.875, .125).
  expect(Array.from(found.top!.data, Number)[0]).toBeCloseTo(0.85, 6);
  expect(Array.from(found.all!.data, Number)[0]).toBeCloseTo(1.495, 6);
  expect(Array.from(found.all!.data, Number)[1]).toBeCloseTo(0.505, 6);
});

it("rolls out with half identity", async () => {
  const start = constant(Float32Array.of(1, 0), [1, 1, 2]);
  const found = await evaluate({ row: rollOut([lower, upper], start) });
  // Means: upper row (.425, .575), with identity / 2: (.7125, .2875);
  // lower rows (.7, .3) and (.6, .4), with identity / 2: (.85, .15) and (.3, .7).
  const [first, second] = Array.from(found.row!.data, Number);
  expect(first).toBeCloseTo(0.7125 * 0.85 + 0.2875 * 0.3, 6);
  expect(second).toBeCloseTo(0.7125 * 0.15 + 0.2875 * 0.7, 6);
});
