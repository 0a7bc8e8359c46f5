/** @file The WebGPU provider against the CPU, on a hardware adapter or on chromium's software one. */

import { batchFeeds, inference, modelInputs, storedWeights } from "@probegrid/probes";
import * as g from "@probegrid/probes/graph";
import { expect, it } from "vitest";
import { requirePrecision } from "../packages/runner/src/finetune/precision.ts";
import { findAdapter } from "./adapter.ts";
import { goldenTexts, largestDifference, openGolden } from "./golden.ts";

const adapter = await findAdapter();

it.skipIf(!adapter).each(["bert", "gpt2", "llama", "deberta-v2", "modernbert", "albert"])(
  "%s has the CPU's hidden states and gradients (skipped where no adapter answers)",
  async (name) => {
    const { model, tensors, golden } = openGolden(name);
    const forward = inference(storedWeights(tensors, model.prefix));
    const inputs = modelInputs();
    const embeddings = model.embed(forward, inputs);
    const last = model.encode(forward, embeddings, inputs).hiddenStates.at(-1)!;
    const [gradient] = g.gradients(g.reduceSum(g.square(g.tanh(last))), [embeddings]);
    const outputs = { last, gradient: gradient! };
    const feeds = batchFeeds(model, goldenTexts(golden), 0);
    const onGpu = await g.evaluate(outputs, feeds, { device: "webgpu" });
    const onCpu = await g.evaluate(outputs, feeds);
    const data = (value: g.Tensor | undefined) => value!.data as Float32Array;
    expect(largestDifference(data(onGpu.last), data(onCpu.last))).toBeLessThan(1e-4);
    // Gradients of random weights reach into the hundreds.
    expect(largestDifference(data(onGpu.gradient), data(onCpu.gradient))).toBeLessThan(1e-3);
  },
);

it.skipIf(!adapter)("keeps outputs on the device from one run to the next", async () => {
  const x = g.input("x", ["n"]);
  const session = await g.compile({ y: g.shift(x, 1) }, { device: "webgpu", keepOnDevice: ["y"] });
  let value: g.Value = { data: Float32Array.of(1, 2), shape: [2] };
  for (let i = 0; i < 3; i++) value = (await session.runOnDevice({ x: value })).y!;
  expect("device" in value).toBe(true);
  const back = await g.download(value as g.DeviceTensor);
  expect([...(back.data as Float32Array)]).toEqual([4, 5]);
  await session.close();
});

it.skipIf(!adapter)(
  "trains with products in float16, or says that the adapter has none",
  async () => {
    const refused = await requirePrecision("float16", "webgpu").then(
      () => null,
      (error: Error) => error.message,
    );
    if (refused !== null) {
      expect(refused).toMatch(/^precision "float16": device webgpu has none here \(.*f16/);
      return;
    }
    const x = g.input("x", [2, 2]);
    const feeds = { x: { data: Float32Array.of(1.0001, 2, 3, 4), shape: [2, 2] } };
    const { y } = await g.evaluate(g.halfProducts({ y: g.matMul(x, x) }), feeds, {
      device: "webgpu",
    });
    expect([...(y!.data as Float32Array)]).toEqual([7, 10, 15, 22]); // 1.0001 is 1 in float16
  },
);
