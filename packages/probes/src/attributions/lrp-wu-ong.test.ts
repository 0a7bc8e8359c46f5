/** @file Wu and Ong's rule on one linear map, by hand. */

import { expect, it } from "vitest";
import { add, constant, evaluate, input, matMul, reduceSum, reshape } from "../graph/index.ts";
import { modelInputs } from "../models/architecture.ts";
import { wuOngRelevance } from "./lrp-wu-ong.ts";

it("splits by the sign of the weight and rescales to the sum that came in", async () => {
  // Two tokens x = (1, -2), y = 3x + 1 = (4, -5), F = -1, so R = -1 at each y.
  // z+ = 3x + 1: x · R / z+ · 3 / 2 = -0.375 and -0.6; rescaled from 0.975 to the sum, -2.
  const source = input("x", ["batch", 2, 1]);
  const y = add(matMul(source, constant(Float32Array.of(3), [1, 1])), constant(Float32Array.of(1)));
  const outputs = reshape(y, ["batch", 2]);
  const scores = wuOngRelevance({
    ...{ source, outputs, inputs: modelInputs(), hiddenStates: [], attentions: [] },
    position: source,
    value: reduceSum(outputs, [1]),
  });
  const found = await evaluate(
    { scores },
    { x: { data: Float32Array.of(1, -2), shape: [1, 2, 1] } },
  );
  const [first, second] = Array.from(found.scores!.data, Number);
  expect(first).toBeCloseTo((2 * 0.375) / 0.975, 4);
  expect(second).toBeCloseTo((2 * 0.6) / 0.975, 4);
});
