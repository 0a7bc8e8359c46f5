/** @file Every op: its value worked by hand, and its gradient by a random direction. */

import { describe, expect, it } from "vitest";
import { gradients } from "./backward.ts";
import { examples, feedsOf, inputsOf } from "./examples.ts";
import type { Node } from "./node.ts";
import * as o from "./ops.ts";
import { evaluate } from "./session.ts";

/** A fixed direction: 1, -0.5, 0.33, … */
const direction = (length: number) =>
  Float32Array.from({ length }, (_, i) => (i % 2 === 0 ? 1 : -1) / (i + 1));

describe.each(Object.entries(examples).filter(([, rows]) => rows.length > 0))("%s", (_, rows) => {
  it.each(rows.map((example, i) => [i, example] as const))(
    "example %i has the value worked by hand",
    async (_, example) => {
      const { y } = await evaluate(
        { y: example.build(...inputsOf(example, false)) },
        feedsOf(example),
      );
      expect(y!.data.length).toBe(example.value.length);
      example.value.forEach((value, i) => {
        expect(Number(y!.data[i])).toBeCloseTo(value, 5);
      });
    },
  );

  it.each(rows.map((example, i) => [i, example] as const))(
    "example %i has the gradient of its finite difference",
    async (_, example) => {
      const inputs = inputsOf(example, false);
      const y = example.build(...inputs);
      const u = direction(example.value.length);
      const seed = o.input("u", y.shape);
      const wrt =
        example.wrt ??
        example.inputs.flatMap(({ data }, i) => (data instanceof Float32Array ? [i] : []));
      for (const i of wrt) {
        const [dx] = gradients(y, [inputs[i]!], { seed });
        const uTensor = { data: u, shape: y.shape as number[] };
        const { dx: actual } = await evaluate({ dx: dx! }, { ...feedsOf(example), u: uTensor });
        const { data, shape } = example.inputs[i]!;
        const v = direction(data.length);
        const at = async (step: number) => {
          const moved = Float32Array.from(data as Float32Array, (x, j) => x + step * v[j]!);
          const { y: value } = await evaluate(
            { y },
            { ...feedsOf(example), [`x${i}`]: { data: moved, shape } },
          );
          return dot(u, value!.data as Float32Array);
        };
        const step = 1 / 128; // exact in binary; float32 leaves about 1e-4 of noise
        const expected = ((await at(step)) - (await at(-step))) / (2 * step);
        expect(actual!.shape).toEqual(shape);
        const found = dot(v, actual!.data as Float32Array);
        expect(Math.abs(found - expected)).toBeLessThan(2e-3 * Math.max(1, Math.abs(expected)));
      }
    },
  );

  it.each(rows.map((example, i) => [i, example] as const))(
    "example %i works with a symbolic first axis",
    async (_, example) => {
      let y: Node;
      try {
        y = example.build(...inputsOf(example, true));
      } catch (error) {
        // Examples that need a known size say so when they are built.
        expect((error as Error).name).toBe("ShapeError");
        return;
      }
      const { y: value } = await evaluate({ y }, feedsOf(example));
      example.value.forEach((expected, i) => {
        expect(Number(value!.data[i])).toBeCloseTo(expected, 5);
      });
    },
  );
});

function dot(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, x, i) => sum + x * b[i]!, 0);
}
