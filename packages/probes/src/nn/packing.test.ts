import { expect, test } from "vitest";
import { modelOutputs } from "../finetune/body.ts";
import { headOutputs } from "../finetune/heads.ts";
import {
  compile,
  constant,
  gradients,
  input,
  mul,
  type Node,
  reduceSum,
  type Tensor,
} from "../graph/index.ts";
import { modelInputs } from "../models/architecture.ts";
import { batchFeeds } from "../models/batch.ts";
import { readModel } from "../models/index.ts";
import { smallConfig } from "../models/small-configs.ts";
import { createRandom } from "../random.ts";
import { inference, type Weights } from "./layers.ts";
import { divideByLength } from "./length-groups.ts";
import { packedFeeds } from "./packing.ts";

const batches: Readonly<Record<string, readonly number[]>> = {
  "one text": [7],
  "texts of one length": [5, 5, 5],
  "lengths close together": [6, 5, 6],
  "one long text among short ones": [3, 17, 4, 3],
  "halves of one length each": [3, 12, 3, 12, 12],
};

/** Weights that are fed, so that gradients can be asked for. */
function fedWeights() {
  const random = createRandom("packing");
  const made = new Map<string, { node: Node; data: Float32Array; shape: readonly number[] }>();
  const weights: Weights = (name, shape) => {
    const known = made.get(name);
    if (known) return known.node;
    const size = shape.reduce((a, b) => a * b, 1);
    const data = Float32Array.from({ length: size }, () => 0.3 * random.normal());
    made.set(name, { node: input(`weight ${name}`, shape), data, shape });
    return made.get(name)!.node;
  };
  return { weights, made };
}

test.each(
  ["bert", "distilbert", "albert"].flatMap((type) =>
    (["cls", "mean"] as const).flatMap((pooling) =>
      Object.keys(batches).map((batch) => [type, pooling, batch] as const),
    ),
  ),
)("%s with %s: %s packed is the same as padded", async (type, pooling, name) => {
  const model = readModel(smallConfig(type));
  const head = { pooling, hidden: 0 };
  const { weights, made } = fedWeights();
  const forward = inference(weights);
  const inputs = modelInputs();
  const { hiddenStates } = model.encode(forward, model.embed(forward, inputs), inputs);
  const last = hiddenStates[hiddenStates.length - 1]!;
  const padded = headOutputs(forward, model, { last, inputs, head, outputs: 3 });
  const packed = modelOutputs(model, forward, { head, outputs: 3 });
  const random = createRandom(name);
  const texts = batches[name]!.map((length) => ({
    ids: Int32Array.from({ length }, () => 1 + random.integer(31)),
  }));
  const fed = Object.fromEntries(
    Array.from(made.values(), ({ node, data, shape }) => [
      (node.attributes as { name: string }).name,
      { data, shape },
    ]),
  );
  const results = async (outputs: Node, feeds: Readonly<Record<string, Tensor>>) => {
    const loss = reduceSum(mul(outputs, constant(Float32Array.of(1, -2, 0.5), [3])));
    const nodes = Array.from(made.values(), ({ node }) => node);
    const session = await compile({
      outputs,
      ...Object.fromEntries(gradients(loss, nodes).map((node, i) => [`gradient ${i}`, node])),
    });
    const found = await session.run({ ...feeds, ...fed });
    await session.close();
    return Object.values(found).map(({ data }) => Array.from(data as Float32Array));
  };
  const [wanted, got] = [
    await results(padded, batchFeeds(model, texts, 0)),
    await results(packed, packedFeeds(model, texts, 0)),
  ];
  expect(got.length).toBe(wanted.length);
  got.forEach((values, i) => {
    const largest = Math.max(...wanted[i]!.map(Math.abs));
    values.forEach((value, j) => {
      expect(Math.abs(value - wanted[i]![j]!)).toBeLessThan(1e-5 * (1 + largest));
    });
  });
});

test("divides texts where attention gets cheapest", () => {
  const { isLong, short, long } = divideByLength([30, 200, 20, 25, 180]);
  expect(isLong).toEqual([false, true, false, false, true]);
  expect(short).toEqual({ rows: [0, 2, 3], tokens: 30 });
  expect(long).toEqual({ rows: [1, 4], tokens: 200 });
});

test("leaves room for padding in a rectangle of texts of one length", () => {
  expect(divideByLength([4, 4, 40]).short).toEqual({ rows: [0, 1], tokens: 5 });
});

test("leaves texts together where dividing them saves less than a tenth", () => {
  const { isLong, short, long } = divideByLength([99, 100, 100]);
  expect(isLong).toEqual([true, true, true]);
  expect(short).toEqual({ rows: [0], tokens: 1 });
  expect(long).toEqual({ rows: [0, 1, 2], tokens: 100 });
});
