import { expect, test } from "vitest";
import { type MeansOfLine, testAveragedLines } from "./averaged-tests.ts";
import type { FoldScore, Point } from "./queries/lines.ts";

const setting = { metric: "accuracy", testToTrain: () => 1 / 3 };

/** A line of one dataset with the fold means of each layer, over two trials each. */
function line(layers: Readonly<Record<string, readonly number[]>>, splits = "7"): MeansOfLine {
  const folds = new Map(
    Object.entries(layers).map(([layer, values]): [string, FoldScore[]] => [
      layer,
      values.map((value, fold) => ({ line: 0, layer, fold, trials: 2, splits, value })),
    ]),
  );
  const means = Object.entries(layers).map(([layer, values]) => ({
    layer,
    mean: values.reduce((sum, value) => sum + value, 0) / values.length,
  }));
  const best = means.toSorted((a, b) => b.mean - a.mean)[0] as Point;
  return { dataset: "sst2", best, folds };
}

const strong = line({ 1: [0.9, 1, 0.9, 1], 2: [0.8, 1, 0.9, 0.9] });

test("tests the fold means of layers and of lines, adjusted apart", () => {
  const weak = line({ 1: [0.5, 0.5, 0.5, 0.5] });
  const { layers, lines } = testAveragedLines([weak, strong], setting);
  // Differences 0.1, 0, 0, 0.1: t = 0.05 / sqrt(0.01/3 (1/4 + 1/3)), 3 degrees of freedom; 2 * scipy.stats.t.sf.
  expect(layers[1]?.["2"]?.p).toBeCloseTo(0.3392540508564546, 10);
  expect(layers[1]?.["2"]?.distinguishable).toBe(false);
  // Differences 0.4, 0.5, 0.4, 0.5: t = 0.45 / the same.
  expect(lines[0]).toMatchObject({
    difference: expect.closeTo(0.45, 12),
    p: expect.closeTo(0.00200546004855623, 10),
    distinguishable: true,
  });
  expect(lines[1]).toBeNull();
});

test("pairs nothing but the same folds, and compares within a dataset only", () => {
  const elsewhere = line({ 1: [0.5, 0.5, 0.5, 0.5] }, "8");
  expect(testAveragedLines([strong, elsewhere], setting).lines).toEqual([null, null]);
  const other = { ...line({ 1: [0.5, 0.5, 0.5, 0.5] }), dataset: "trec" };
  expect(testAveragedLines([strong, other], setting).lines).toEqual([null, null]);
  const unread = { ...line({ 1: [1, 1, 1, 1] }), folds: new Map() };
  expect(testAveragedLines([strong, unread], setting).lines).toEqual([null, null]);
});
