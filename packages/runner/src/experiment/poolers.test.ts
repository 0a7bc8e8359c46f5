import { expect, test } from "vitest";
import { type PoolerSpec, resolvePoolers } from "./poolers.ts";

const mean = { kind: "mean" } as const;
const model = { hiddenStates: 5, model: "m" };

function layersOf(layer: PoolerSpec["layer"], layerMethod: PoolerSpec["layerMethod"] = null) {
  return resolvePoolers([{ layer, layerMethod, token: mean }], model).map(({ layers }) => layers);
}

test("counts negative layers from the end", () => {
  expect(layersOf(-1)).toEqual([[4]]);
  expect(layersOf("last")).toEqual([[4]]);
  expect(layersOf("second-to-last")).toEqual([[3]]);
  expect(layersOf([0, -2], "concat")).toEqual([[0, 3]]);
});

test("gives each layer a trial, leaves out the ends of all, and takes every one", () => {
  expect(layersOf("each")).toEqual([[0], [1], [2], [3], [4]]);
  expect(layersOf("all", "mean")).toEqual([[1, 2, 3]]);
  expect(layersOf("every", "max")).toEqual([[0, 1, 2, 3, 4]]);
});

test("counts the same pooling once", () => {
  const poolers = ["each", 2, -3, "last"] as const;
  const specs = poolers.map((layer) => ({ layer, layerMethod: null, token: mean }));
  expect(resolvePoolers(specs, model)).toHaveLength(5);
});

test("says how many layers there are", () => {
  expect(() => layersOf(7)).toThrow(
    'poolers[0].layer: model "m" has 5 hidden states, expected 0 to 4 or -5 to -1, got 7',
  );
  expect(() => layersOf([1, -6], "mean")).toThrow("got -6");
});

test("wants to know how several layers become one", () => {
  expect(() => layersOf("all")).toThrow(
    "poolers[0].layerMethod: all is 3 layers, expected one of mean, max, min, concat",
  );
  expect(layersOf([2])).toEqual([[2]]);
});
