import { expect, test } from "vitest";
import type { Curve } from "./curve.ts";
import { packCurve, packGrid, unpackCurve, unpackGrid } from "./packed.ts";

const point = (layer: string, mean: number) => ({
  ...{ layer, layerIndex: Number(layer), trials: 1, key: 7, mean },
  ...{ low: null, high: mean + 0.1 },
});

test("brings back every number of a heat map", () => {
  const cells = [
    { x: "0", y: 'a "quoted" </script>', trials: 3, mean: 0.1 + 0.2, low: null, high: 1 / 3 },
    { x: "1", y: "cls", trials: 1, mean: 0, low: 0, high: 5e-324 },
  ];
  const grid = { xs: ["0", "1"], ys: ["cls"], cells };
  expect(unpackGrid(packGrid(grid))).toEqual(grid);
  const empty = { xs: [], ys: [], cells: [] };
  expect(unpackGrid(packGrid(empty))).toEqual(empty);
});

test("brings back a layer curve whose best point is one of its points", () => {
  const points = [point("0", 0.5), point("1", 2 / 3)];
  const behind = { difference: 1 / 7, p: 0.04, distinguishable: true };
  const line = {
    ...{ values: { token: "mean" }, points, label: "mean", ties: [], behind },
    ...{ best: points[1] as (typeof points)[0], verdicts: { 0: behind } },
  };
  const untested = { ...line, verdicts: null, ties: null, behind: null };
  const curve: Curve = {
    ...{ metric: "accuracy", lines: [line, untested], total: 9, layers: ["0", "1"] },
    folds: [{ line: 0, layer: "1", fold: 3, trials: 1, value: 0.25 }],
    baselines: [{ dataset: "polarity", name: "majority", value: 0.5 }],
    ...{ lowerIsBetter: false, band: "folds", tests: { tests: ["exact"], count: 1 } },
  };
  const back = unpackCurve(packCurve(curve));
  expect(back).toEqual(curve);
  expect(back.lines[0]?.best).toBe(back.lines[0]?.points[1]);
});
