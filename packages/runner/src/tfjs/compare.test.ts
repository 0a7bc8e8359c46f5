import { modelTypes } from "@probegrid/probes";
import { expect, test } from "vitest";
import { compareModels, compareOps, opTolerance, stepTolerance } from "./compare.ts";
import { tfjsRuntime } from "./runtime.ts";

test.each(["cpu", "wasm"] as const)(
  "every op gives by tfjs on %s what it gives by ONNX Runtime",
  async (backend) => {
    const found = await compareOps(tfjsRuntime(backend));
    expect(found.length).toBeGreaterThan(50);
    expect(found.filter(({ difference }) => !(difference <= opTolerance))).toEqual([]);
  },
);

test.each(modelTypes)("a step of %s agrees: states, loss, gradients, weights", async (type) => {
  const [found] = await compareModels(tfjsRuntime("wasm"), [type]);
  expect(found!.difference).toBeLessThan(stepTolerance);
});

test("sees a backend that computes something else", async () => {
  const runtime = tfjsRuntime("cpu");
  const wrong: typeof runtime = async (outputs) => {
    const engine = await runtime(outputs);
    return {
      ...engine,
      run: async (feeds) => {
        const found = await engine.run(feeds);
        for (const value of Object.values(found)) {
          if ("data" in value && value.data instanceof Float32Array) value.data[0]! += 1e-3;
        }
        return found;
      },
    };
  };
  const differing = (await compareOps(wrong)).filter(({ difference }) => difference > opTolerance);
  expect(differing.map(({ what }) => what)).toContain("MatMul");
});
