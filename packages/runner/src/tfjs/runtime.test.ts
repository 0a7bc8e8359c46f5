import * as o from "@probegrid/probes/graph";
import {
  compile,
  constant,
  evaluate,
  input,
  matMul,
  type Op,
  range,
  scale,
  shift,
} from "@probegrid/probes/graph";
import { examples, feedsOf, inputsOf } from "@probegrid/probes/graph/examples";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it, test } from "vitest";
import { tfjsRuntime } from "./runtime.ts";

const rows = Object.entries(examples).flatMap(([op, list]) =>
  list.map((example, i) => ({ op: op as Op, i, example })),
);

describe.each(["cpu", "wasm"] as const)("the %s backend of tfjs", (backend) => {
  const runtime = tfjsRuntime(backend);
  it.each(rows)("gives the value of $op worked by hand, example $i", async ({ example }) => {
    const y = example.build(...inputsOf(example));
    const { y: found } = await evaluate({ y }, feedsOf(example), { runtime });
    expect(found!.shape).toEqual(y.shape);
    expect(found!.data.length).toBe(example.value.length);
    example.value.forEach((value, i) => {
      expect(Number(found!.data[i])).toBeCloseTo(value, 5);
    });
  });
});

const runtime = tfjsRuntime("wasm");

test("reads the sizes of symbolic axes off what is fed", async () => {
  const x = input("x", ["n", 2]);
  const y = { count: range("n"), rows: o.reshape(o.concat([x, x], 0), ["2*n", 2]) };
  const session = await compile(y, { runtime });
  for (const n of [1, 3]) {
    const data = Float32Array.from({ length: 2 * n }, (_, i) => i);
    const { count, rows } = await session.run({ x: { data, shape: [n, 2] } });
    expect([...(count!.data as Int32Array)]).toEqual([0, 1, 2].slice(0, n));
    expect(rows!.shape).toEqual([2 * n, 2]);
  }
  await session.close();
});

test("keeps no tensors but constants, and those only until it is closed", async () => {
  const before = tf.memory().numTensors;
  const weights = constant(new Float32Array(9).fill(1), [3, 3]);
  const session = await compile({ y: o.softmax(matMul(input("x", [2, 3]), weights)) }, { runtime });
  const feeds = { x: { data: new Float32Array(6), shape: [2, 3] } };
  await session.run(feeds);
  expect(tf.memory().numTensors).toBe(before + 1);
  await session.run(feeds);
  expect(tf.memory().numTensors).toBe(before + 1);
  await session.close();
  expect(tf.memory().numTensors).toBe(before);
});

test("writes outputs into the memory that is given", async () => {
  const session = await compile({ y: scale(input("x", [2]), 3) }, { runtime });
  const into = { data: new Float32Array(2), shape: [2] };
  const { y } = await session.run({ x: { data: Float32Array.of(1, 2), shape: [2] } }, { y: into });
  expect([y!.data, [...into.data]]).toEqual([into.data, [3, 6]]);
});

test("refuses whole numbers that 32 bits do not hold", async () => {
  const feeds = { x: { data: BigInt64Array.of(2n ** 31n), shape: [1] } };
  await expect(
    evaluate({ y: o.cast(input("x", [1], "int64"), "float32") }, feeds, { runtime }),
  ).rejects.toThrow("tfjs: expected whole numbers of 32 bits, got 2147483648");
});

test("computes float64 in single precision, which is all tfjs has", async () => {
  const x = input("x", [1], "float64");
  const one = constant(Float64Array.of(1), [1]);
  const feeds = { x: { data: Float64Array.of(1e-12), shape: [1] } };
  const { y } = await evaluate({ y: o.add(x, one) }, feeds, { runtime });
  expect(y!.data).toEqual(Float64Array.of(1)); // ONNX Runtime: 1.000000000001
});

test("says which input was not fed, and refuses the device without its runtime", async () => {
  const y = shift(input("x", [1]), 1);
  await expect(evaluate({ y }, {}, { runtime })).rejects.toThrow('input "x" was not fed');
  await expect(compile({ y }, { device: "tfjs" })).rejects.toThrow("needs its runtime");
});
