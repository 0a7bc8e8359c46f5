import { expect, test } from "vitest";
import type { Curve, CurveLine } from "@/lib/curve";
import { domainOf, layOutPlot, namedLayers, tieAreas } from "./curve-data";

function curveOf(means: readonly number[], more: Partial<Curve> = {}): Curve {
  const points = means.map((mean, layer) => ({
    ...{ layer: String(layer), layerIndex: layer, trials: 1, key: layer + 1, mean },
    ...{ low: null, high: null },
  }));
  const best = points[0];
  if (best === undefined) throw new Error("a curve needs a point");
  const rest = { label: "", best, verdicts: null, ties: null, behind: null };
  return {
    ...{ metric: "accuracy", lines: [{ values: {}, points, ...rest }], total: 1 },
    layers: points.map(({ layer }) => layer),
    ...{ folds: [], baselines: [], lowerIsBetter: false, band: "folds" },
    tests: { tests: [], count: 0 },
    ...more,
  };
}

test("spreads layers evenly, and finds the one under a pointer", () => {
  const plot = layOutPlot(curveOf([0.5, 0.6, 0.7]), 448 + 16, 320);
  expect(["0", "1", "2"].map(plot.across)).toEqual([48, 248, 448]);
  expect([-10, 147, 149, 900].map(plot.layerAt)).toEqual(["0", "0", "1", "2"]);
  expect(plot.up(plot.range[0])).toBe(plot.bottom);
  expect(plot.up(plot.range[1])).toBe(plot.top);
});

test("puts a single layer into the middle", () => {
  const plot = layOutPlot(curveOf([0.5]), 464, 320);
  expect(plot.across("0")).toBe(248);
  expect(plot.layerAt(5)).toBe("0");
  expect(plot.range[1]).toBeGreaterThan(plot.range[0]);
});

test("names as many layers as have room", () => {
  const curve = curveOf(Array.from({ length: 49 }, (_, layer) => 0.5 + layer / 100));
  // Two letters take 24 of 400 / 48 = 8.3 pixels a layer: every third; wide enough, every one.
  expect(namedLayers(curve.layers, layOutPlot(curve, 464, 320)).slice(0, 3)).toEqual([
    ...["0", "3", "6"],
  ]);
  expect(namedLayers(curve.layers, layOutPlot(curve, 1300, 320))).toHaveLength(49);
});

test("leaves room for the best score on the side where nothing is better", () => {
  // The best is 1.0, which would touch the top: 0.08 of 0.6 more.
  expect(domainOf(curveOf([1, 0.4]))).toEqual([0.4, 1.048]);
  expect(domainOf(curveOf([0.2, 0.8], { metric: "mse", lowerIsBetter: true }))).toEqual([
    ...[0.152, 0.8],
  ]);
  // With room enough nothing is added.
  expect(domainOf(curveOf([0.95, 0.4], { baselines: [one(1)] }))).toEqual([0.4, 1]);
});

const one = (value: number) => ({ dataset: "a", name: "majority", value });

test("joins neighbouring layers that tie with the best", () => {
  const layers = ["0", "1", "2", "3", "4", "all"];
  const line = { ties: ["2", "4", "all"], best: { layer: "1" } } as unknown as CurveLine;
  expect(tieAreas(line, layers)).toEqual([
    ["1", "2"],
    ["4", "all"],
  ]);
  expect(tieAreas({ ...line, ties: [] }, layers)).toEqual([]);
  expect(tieAreas(undefined, layers)).toEqual([]);
});
