/** @file Loss scaling: gradients that do not fit into float16 skip a step and halve the factor; a state keeps it. */

import { expect, it } from "vitest";
import { input, matMul, reduceSum, square } from "../graph/index.ts";
import { LossScale } from "./loss-scale.ts";
import { adamW } from "./optimizers.ts";
import { createTrainer } from "./train.ts";

it("halves at each overflow, doubles after 2000 steps without one, and gives up below 1", () => {
  const scale = new LossScale("float16");
  const start = scale.value;
  expect(scale.overflows(Number.NaN)).toBe(true);
  expect(scale.overflows(Number.POSITIVE_INFINITY)).toBe(true);
  expect(scale.value).toBe(start / 4);
  for (let i = 0; i < 1999; i++) expect(scale.overflows(1)).toBe(false);
  expect(scale.value).toBe(start / 4);
  scale.overflows(1);
  expect(scale.value).toBe(start / 2);
  while (scale.value > 1) scale.overflows(Number.NaN);
  expect(scale.overflows(Number.NaN)).toBe(false);
  const plain = new LossScale("float32");
  expect([plain.overflows(Number.NaN), plain.value]).toEqual([false, 1]);
});

/** A trainer of (x w)², w = 0.5 at first, whose gradient is x². */
async function trainer() {
  const node = input("parameter w", [1, 1]);
  return await createTrainer({
    loss: reduceSum(square(matMul(input("x", [1, 1]), node))),
    parameters: [
      { name: "w", shape: [1, 1], node, initial: Float32Array.of(0.5), decays: false, rate: 1 },
    ],
    ...{ optimizer: adamW(), weightDecay: 0, clipNorm: 1, precision: "float16" as const },
    session: { threads: 1 },
  });
}

it("leaves out steps whose gradients do not fit, and goes on with a smaller factor", async () => {
  const training = await trainer();
  // The CPU's products keep float32's range: 2¹¹⁴ times the factor is too large from 2¹⁴ on.
  const piece = { x: { data: Float32Array.of(2 ** 57), shape: [1, 1] } };
  const loss = 2 ** 112;
  const weight = async () => (await training.state()).tensors["parameter w"]!.data[0];
  for (let skipped = 0; skipped < 3; skipped++) {
    const report = await training.takeStep([piece], 0.1);
    expect(report).toEqual({ loss, gradientNorm: null, skipped: true });
    expect([await weight(), training.step]).toEqual([0.5, 0]);
  }
  const report = await training.takeStep([piece], 0.1);
  expect(report).toEqual({ loss, gradientNorm: 2 ** 114, skipped: false });
  expect(await weight()).toBeCloseTo(0.4, 6); // Adam's first step is the learning rate
  const state = structuredClone(await training.state());
  const other = await trainer();
  await other.restore(state);
  const next = await training.takeStep([piece], 0.1);
  expect(next.skipped).toBe(false);
  expect(await other.takeStep([piece], 0.1)).toEqual(next); // a fresh one would skip
  await training.close();
  await other.close();
});

it("ends where the numbers themselves are at fault", async () => {
  const training = await trainer();
  const piece = { x: { data: Float32Array.of(Number.NaN), shape: [1, 1] } };
  await expect(training.takeStep([piece], 0.1)).rejects.toThrow("training diverged: loss is NaN");
  await training.close();
});
