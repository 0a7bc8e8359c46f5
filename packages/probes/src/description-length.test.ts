import { expect, test } from "vitest";
import { z } from "zod";
import type { Classifier } from "./classifiers/classifier.ts";
import { logistic } from "./classifiers/logistic.ts";
import { blockEnds, onlineCodes } from "./description-length.ts";
import { createRandom } from "./random.ts";

test("blocks end where the paper's do, after a first one that holds every class", () => {
  const order = Uint32Array.from({ length: 40_000 }, (_, i) => i);
  const targets = Int32Array.from(order, (row) => row % 45);
  expect(blockEnds(order, { targets, classes: 45 })).toEqual([
    45, 80, 160, 320, 640, 1280, 2500, 5000, 10_000, 20_000, 40_000,
  ]);
  const fifty = order.slice(0, 50);
  const late = Int32Array.from(fifty, (row) => (row >= 7 ? 1 : 0));
  expect(blockEnds(fifty, { targets: late, classes: 2 })).toEqual([8, 13, 25, 50]);
});

/** Says log odds 2 for class 1 of every row, however it is trained. */
const constant: Classifier = {
  tasks: ["classification"],
  options: z.object({}),
  version: 1,
  fit: async ({ folds }) =>
    folds.map(({ test: rows }) => ({
      validation: { rows: 0, columns: 1, data: new Float32Array() },
      test: { rows: rows.length, columns: 1, data: new Float32Array(rows.length).fill(2) },
    })),
};

test("adds up the bits of its blocks", async () => {
  const targets = Int32Array.from({ length: 50 }, (_, row) => (row % 5 === 0 ? 0 : 1));
  const features = { rows: 50, columns: 1, data: new Float32Array(50).fill(1) };
  const { codes } = await onlineCodes({ features, targets, classes: 2, seed: 3 }, constant, {
    options: {},
  });
  const [code] = codes;
  const first = code?.blocks[0]?.rows ?? 0;
  expect(code?.blocks.reduce((sum, { rows }) => sum + rows, 0)).toBe(50);
  // The first block costs a bit a row; then class 1 costs log2(1 + e^-2) bits, class 0 log2(1 + e^2).
  const order = createRandom(3).fork("code 0").permutation(50).slice(first);
  const zeros = order.filter((row) => targets[row] === 0).length;
  const nats =
    zeros * Math.log(1 + Math.exp(2)) + (50 - first - zeros) * Math.log(1 + Math.exp(-2));
  expect(code?.bits).toBeCloseTo(first + nats / Math.LN2, 10);
  expect(code?.paperBits).toBeCloseTo(first + nats, 10);
  expect(code?.uniformBits).toBe(50);
  // 10 of 50: -0.2 log2 0.2 - 0.8 log2 0.8 bits a row.
  expect(code?.priorBits).toBeCloseTo(50 * 0.7219280948873623, 10);
});

test("compresses labels that features tell, and no others, also with 50 rows", async () => {
  const random = createRandom(9);
  for (const rows of [50, 400]) {
    const targets = Int32Array.from({ length: rows }, () => random.integer(3));
    const noise = Float32Array.from({ length: rows * 4 }, () => random.normal());
    const telling = noise.map((value, i) => value + (i % 4 === targets[Math.floor(i / 4)] ? 6 : 0));
    const code = async (data: Float32Array, classifier: typeof logistic) => {
      const features = { rows, columns: 4, data };
      const found = await onlineCodes({ features, targets, classes: 3, seed: 0 }, classifier, {
        options: {},
        shuffles: 3,
      });
      expect(
        found.codes.map(({ blocks }) => blocks.reduce((sum, one) => sum + one.rows, 0)),
      ).toEqual([rows, rows, rows]);
      return found.codes.reduce((sum, one) => sum + one.bits / one.uniformBits, 0) / 3;
    };
    expect(await code(telling, logistic)).toBeLessThan(rows === 50 ? 0.7 : 0.25);
    expect(await code(noise, logistic)).toBeGreaterThan(0.99);
  }
});
